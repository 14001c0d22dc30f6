package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/health"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/p2p/relay"
)

// maxAgent bounds the software name that a peer states, in bytes: one line of a terminal.
const maxAgent = 128

// Account returns the node's account.
func (n *Node) Account() pdx.Address { return n.keys.Account() }

// PeerID returns the node's libp2p identity.
func (n *Node) PeerID() peer.ID { return n.host.ID() }

// Listen returns the node's addresses, with its peer id.
func (n *Node) Listen() []string {
	var list []string
	for _, a := range n.host.Addrs() {
		list = append(list, a.String()+"/p2p/"+n.host.ID().String())
	}
	slices.Sort(list)
	return list
}

// Contact returns the peer id and addresses that a validator publishes. Loopback and private
// addresses are included only in a local network.
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

// maxContact is how many addresses of a validator the chain stores.
const maxContact = 8

// Criteria fetches the criteria document of a pool.
func (n *Node) Criteria(ctx context.Context, pool pdx.Pool) ([]byte, error) {
	return n.documents.Document(ctx, pool, pool.Criteria, criteria.MaxDocumentBytes)
}

// Status returns the state of the node. If the chain does not answer within a moment, the
// chain's values are the last known ones.
func (n *Node) Status(ctx context.Context) api.Status {
	st := api.Status{
		Version: Version, Home: n.cfg.Home, Account: n.Account(), PeerID: n.host.ID().String(), Listen: n.Listen(),
		Roles: n.cfg.Roles, Handled: n.follower.handled.Load(), Peers: len(n.host.Network().Peers()), Started: n.started,
	}
	n.view.Refresh(ctx)
	head, funds := n.view.Head(), n.view.Funds()
	st.Head, st.HeadHeard = head.Value, head.At
	st.Head.ChainID = n.cfg.Chain.ID // also while the chain is away
	st.Balance, st.Withdrawable, st.BalanceHeard = funds.Value.Balance, funds.Value.Withdrawable, funds.At
	st.Health = append(st.Health,
		health.Chain(head, n.follower.trouble.Load()), health.Proofs(n.chain.Verified().State(), n.cfg.Chain.Trust.None))
	st.Health = append(st.Health, health.Clock(n.follower.skew.Ahead())...)
	st.Health = append(st.Health, health.Endpoints(n.chain.Endpoints())...)
	if head.Err == nil || !funds.At.IsZero() { // otherwise the chain's own line says it
		st.Health = append(st.Health, health.Funds(funds, n.Account(), minPayout))
	}
	st.Health = append(st.Health, health.OtherSigner(n.chain.OtherSigner(), n.Account())...)
	st.Health = append(st.Health, health.GasPrice(n.chain.GasPrice())...)
	st.Health = append(st.Health, health.Network(len(st.Listen), n.discovery.Peers(), n.discovery.DHTState()))
	st.Health = append(st.Health, n.reachedHealth()...)
	st.Health = append(st.Health, n.settingsHealth()...)
	if n.cfg.Plays(pdx.RoleValidator) {
		st.Health = append(st.Health, n.validatorStatus(ctx, &st))
	}
	st.Health = append(st.Health, n.roleHealth(ctx)...)
	st.Health = append(st.Health, n.damage.health(ctx)...)
	st.Health = append(st.Health, n.unreadable.health(ctx)...)
	space, err := durable.SpaceOf(n.cfg.Home)
	st.Health = append(st.Health, health.Disk(n.cfg.Home, space, err)...)
	st.Health = append(st.Health, n.jailHealth()...)
	st.Health = append(st.Health, health.Settings(n.settings.state())...)
	st.Health = append(st.Health, health.Files(home.Exposed(n.cfg.Home))...)
	st.Health = append(st.Health, health.Backup(home.LastBackup(n.cfg.Home), time.Now())...)
	return st
}

// roleHealth judges the roles that this node plays, as far as something is notable.
func (n *Node) roleHealth(ctx context.Context) (list []api.Health) {
	if n.cfg.Plays(pdx.RoleValidator) {
		if v := n.view.Validator(); v.Value != nil {
			list = append(list, health.Bond(*v.Value))
		}
	}
	list = append(list, n.adoptionHealth()...)
	list = append(list, health.Sales(n.seller.Waiting(), time.Now())...)
	list = append(list, health.LostPools(n.buyer.LostPools())...)
	list = append(list, health.Promises(n.validator.Missing())...)
	return append(list, health.Purchases(n.purchases(ctx), time.Now())...)
}

// purchases are those that may need attention: in progress, proven frauds, and failures.
func (n *Node) purchases(ctx context.Context) []model.Pull {
	list := n.buyer.InProgress(0)
	for _, state := range []model.PullState{model.PullFraud, model.PullFailed} {
		ended, err := n.buyer.Ended(ctx, state)
		if err != nil {
			n.log.WarnContext(ctx, "purchases cannot be read", "error", err)
		}
		list = append(list, ended...)
	}
	return list
}

// validatorStatus adds the ciphertexts that a validator keeps and its duties.
func (n *Node) validatorStatus(ctx context.Context, st *api.Status) api.Health {
	st.Duties = append(st.Duties, n.validator.Duties()...)
	var err error
	st.Kept, st.Quota, err = n.validator.Kept(ctx)
	if err != nil {
		return api.Health{Part: "validator", Message: err.Error()}
	}
	return api.Health{Part: "validator", OK: true, Message: message.Count(len(st.Duties), "duty") + " from draws"}
}

// Peers returns the connected peers, with the accounts that they have proven.
func (n *Node) Peers(context.Context) []api.Peer {
	var list []api.Peer
	for _, conn := range n.host.Network().Conns() {
		list = append(list, n.describe(conn))
	}
	return list
}

func (n *Node) describe(conn network.Conn) api.Peer {
	id := conn.RemotePeer()
	p := api.Peer{
		ID: id.String(), Address: conn.RemoteMultiaddr().String(), Inbound: conn.Stat().Direction == network.DirInbound,
		Relayed: relay.IsRelayed(conn), RTT: n.host.Peerstore().LatencyEWMA(id), Transport: transportOf(conn),
	}
	p.Account, _ = n.hello.Known(id) // nobody is greeted for a list: that would name this node's account
	if agent, err := n.host.Peerstore().Get(id, "AgentVersion"); err == nil {
		name, _ := agent.(string)
		p.Agent = text.Clean(name, maxAgent)
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

// Version of this build, set by the linker.
var Version = "dev"
