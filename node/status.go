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
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/api"
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

// Status is how the node is: fresh while the chain answers, otherwise what was
// heard last, after a moment.
func (n *Node) Status(ctx context.Context) api.Status {
	st := api.Status{
		Version: Version, Home: n.cfg.Home, Account: n.Account(), PeerID: n.host.ID().String(), Listen: n.Listen(),
		Roles: n.cfg.Roles, Handled: n.follower.handled.Load(), Peers: len(n.host.Network().Peers()), Started: n.started,
	}
	n.view.look(ctx)
	late := n.view.late()
	head, money := n.view.head.get(late), n.view.funds.get(late)
	st.Head, st.HeadHeard = head.Value, head.At
	st.Head.ChainID = n.cfg.Chain.ID // also while the chain is away
	st.Balance, st.Withdrawable, st.BalanceHeard = money.Value.balance, money.Value.withdrawable, money.At
	st.Health = append(st.Health, n.chainHealth(head), n.proofHealth())
	st.Health = append(st.Health, n.endpointHealth()...)
	if head.Err == nil || !money.At.IsZero() { // otherwise the chain is away, which is said
		st.Health = append(st.Health, fundsHealth(money))
	}
	st.Health = append(st.Health, n.networkHealth(st))
	if n.cfg.Plays(pdx.RoleValidator) {
		st.Health = append(st.Health, n.validatorStatus(ctx, &st))
	}
	st.Health = append(st.Health, n.roleHealth(late)...)
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

func (n *Node) chainHealth(head heardValue[pdx.Head]) api.Health {
	h := api.Health{Part: "chain", OK: true, Message: "following"}
	if trouble := n.follower.trouble.Load(); head.Err == nil && trouble != nil {
		h.OK, h.Message = false, *trouble
	}
	switch {
	case head.Err != nil:
		h.OK, h.Message = false, head.Err.Error()+heardText("the last block shown, "+fmt.Sprint(head.Value.Height)+",", head.At)
	case time.Since(head.Value.Time) > staleAfter:
		h.OK, h.Message = false, fmt.Sprintf("the last block is %s old: the chain has halted or its endpoint lags", time.Since(head.Value.Time).Round(time.Second))
	}
	return h
}

func fundsHealth(f heardValue[funds]) api.Health {
	balance := f.Value.balance
	switch {
	case f.Err != nil && f.At.IsZero():
		return api.Health{Part: "account", Message: f.Err.Error()}
	case f.Err != nil:
		return api.Health{Part: "account", Message: balance.MED() + heardText("that", f.At)}
	case balance < minPayout:
		return api.Health{Part: "account", Message: fmt.Sprintf("it holds %s and can hardly pay a fee; fund it", balance.MED())}
	}
	return api.Health{Part: "account", OK: true, Message: balance.MED()}
}

// heardText says when something was heard; nothing if it never was.
func heardText(what string, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf("; %s was heard at %s, %v ago", what, at.Local().Format(time.DateTime), time.Since(at).Round(time.Second))
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
