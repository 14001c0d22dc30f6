package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/criteria"
)

const (
	// staleAfter says when a chain counts as halted: several
	// blocks of Panacea's 6 s.
	staleAfter = time.Minute
	// identifyWait is how long a peer's account is waited for in a list.
	identifyWait = time.Second
)

// Account is the node's account.
func (n *Node) Account() pdx.Address { return n.keys.Account() }

// PeerID is the node's libp2p identity.
func (n *Node) PeerID() peer.ID { return n.host.ID() }

// Listen are the addresses at which the node is reached, with its peer id.
func (n *Node) Listen() []string {
	var list []string
	for _, a := range n.host.Addrs() {
		list = append(list, a.String()+"/p2p/"+n.host.ID().String())
	}
	slices.Sort(list)
	return list
}

// Contact is where a validator says that it is found; loopback and private
// addresses only in a local network.
func (n *Node) Contact() (string, []string) {
	var addresses []string
	for _, a := range n.host.Addrs() {
		if n.cfg.P2P.LocalNetwork || manet.IsPublicAddr(a) {
			addresses = append(addresses, a.String())
		}
	}
	slices.Sort(addresses)
	return n.host.ID().String(), addresses[:min(len(addresses), maxContact)]
}

// maxContact is what the chain takes of a validator's addresses.
const maxContact = 8

// Criteria fetches the criteria document of a pool.
func (n *Node) Criteria(ctx context.Context, pool pdx.Pool) ([]byte, error) {
	return n.documents.Document(ctx, pool, pool.Criteria, criteria.MaxDocumentBytes)
}

// Status is how the node is.
func (n *Node) Status(ctx context.Context) api.Status {
	st := api.Status{
		Version: Version, Home: n.cfg.Home, Account: n.Account(), PeerID: n.host.ID().String(), Listen: n.Listen(),
		Roles: n.cfg.Roles, Handled: n.follower.handled.Load(), Peers: len(n.host.Network().Peers()), Started: n.started,
	}
	head, err := n.chain.Head(ctx)
	st.Head = head
	st.Head.ChainID = n.cfg.Chain.ID // also while the chain is away
	st.Health = append(st.Health, n.chainHealth(head, err), n.proofHealth())
	st.Health = append(st.Health, n.endpointHealth()...)
	if err == nil {
		st.Balance, err = n.chain.Balance(ctx, n.Account())
		if err == nil {
			st.Withdrawable, err = n.chain.Withdrawable(ctx, n.Account())
		}
		st.Health = append(st.Health, fundsHealth(st.Balance, err))
	}
	st.Health = append(st.Health, n.networkHealth(st))
	if n.cfg.Plays(pdx.RoleValidator) {
		st.Health = append(st.Health, n.validatorStatus(ctx, &st))
	}
	st.Health = append(st.Health, n.roleHealth(ctx)...)
	st.Health = append(st.Health, n.damage.health(ctx)...)
	return st
}

// validatorStatus adds what a validator keeps and owes.
func (n *Node) validatorStatus(ctx context.Context, st *api.Status) api.Health {
	for _, d := range n.validator.Duties() {
		st.Duties = append(st.Duties, api.Duty(d))
	}
	var err error
	st.Kept, st.Room, err = n.validator.Kept(ctx)
	if err != nil {
		return api.Health{Part: "validator", Message: err.Error()}
	}
	return api.Health{Part: "validator", OK: true, Message: fmt.Sprintf("%d duties by lot", len(st.Duties))}
}

func (n *Node) chainHealth(head pdx.Head, err error) api.Health {
	h := api.Health{Part: "chain", OK: true, Message: "following"}
	if trouble := n.follower.trouble.Load(); err == nil && trouble != nil {
		h.OK, h.Message = false, *trouble
	}
	switch {
	case err != nil:
		h.OK, h.Message = false, err.Error()
	case time.Since(head.Time) > staleAfter:
		h.OK, h.Message = false, fmt.Sprintf("the last block is %s old: the chain has halted or its endpoint lags", time.Since(head.Time).Round(time.Second))
	}
	return h
}

func fundsHealth(balance pdx.Amount, err error) api.Health {
	switch {
	case err != nil:
		return api.Health{Part: "account", Message: err.Error()}
	case balance < minPayout:
		return api.Health{Part: "account", Message: fmt.Sprintf("it holds %s and can hardly pay a fee; fund it", balance.MED())}
	}
	return api.Health{Part: "account", OK: true, Message: balance.MED()}
}

// Peers are the peers connected now.
func (n *Node) Peers(ctx context.Context) []api.Peer {
	ctx, cancel := context.WithTimeout(ctx, identifyWait)
	defer cancel()
	var list []api.Peer
	for _, conn := range n.host.Network().Conns() {
		list = append(list, n.describe(ctx, conn))
	}
	return list
}

func (n *Node) describe(ctx context.Context, conn network.Conn) api.Peer {
	id := conn.RemotePeer()
	p := api.Peer{
		ID: id.String(), Address: conn.RemoteMultiaddr().String(), Inbound: conn.Stat().Direction == network.DirInbound,
		Relayed: conn.Stat().Limited, RTT: n.host.Peerstore().LatencyEWMA(id), Transport: transportOf(conn),
	}
	p.Account, _ = n.hello.Account(ctx, id) // empty: it proves none
	if agent, err := n.host.Peerstore().Get(id, "AgentVersion"); err == nil {
		p.Agent, _ = agent.(string)
	}
	return p
}

func transportOf(conn network.Conn) string {
	state := conn.ConnState()
	if state.Transport == "quic-v1" {
		return "quic"
	}
	if state.Security == "" {
		return state.Transport
	}
	return state.Transport + "+" + strings.TrimPrefix(string(state.Security), "/")
}
