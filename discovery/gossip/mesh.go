package gossip

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
)

// Options configure a Mesh. ChainID, Signer and Roles are required.
type Options struct {
	// ChainID separates networks; it is part of the topics' names.
	ChainID string
	// Signer is the account for which this node speaks.
	Signer identity.Signer
	// Roles checks who may publish which notice.
	Roles Roles
	// Find yields peers that may be in a pool. With it, each joined pool keeps a
	// few of its peers connected; nil leaves connecting to others.
	Find func(context.Context, pdx.PoolID) ([]peer.AddrInfo, error)
	// Behind reports whether this node's view of the chain is old, so that a notice of
	// what it does not know is nobody's fault; nil means never.
	Behind func() bool
	// Metrics counts what limits refuse; nil counts nothing.
	Metrics *Metrics
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log is the logger; nil is silent.
	Log *slog.Logger
}

// A Mesh is this node's membership in the topics of all pools of a chain.
type Mesh struct {
	host  host.Host
	opt   Options
	names names
	judge *judge
	heard *subscriptions

	ctx    context.Context //nolint:containedctx // ends with Stop
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	state  state
	pubsub *pubsub.PubSub // set while running
	joined map[pdx.PoolID]*joined

	bindingMu sync.Mutex
	binding   *discoverypb.Binding // ours, to everybody
}

type state int

const (
	created state = iota
	running
	stopped
)

// New wires a Mesh over h. It starts nothing. Missing or wrong options are
// ErrInvalid.
func New(h host.Host, opt Options) (*Mesh, error) {
	if opt.ChainID == "" || strings.ContainsAny(opt.ChainID, "/ ") {
		return nil, fmt.Errorf("gossip: %w: chain id %q", pdx.ErrInvalid, opt.ChainID)
	}
	if opt.Signer == nil || opt.Roles == nil {
		return nil, fmt.Errorf("gossip: %w: a signer and roles are wanted", pdx.ErrInvalid)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Behind == nil {
		opt.Behind = func() bool { return false }
	}
	conduct, err := newConduct(h.ID(), groupOf(h), opt.Now, opt.Metrics)
	if err != nil {
		return nil, fmt.Errorf("gossip: %w", err)
	}
	m := &Mesh{
		host: h, opt: opt, names: namesOf(opt.ChainID), joined: make(map[pdx.PoolID]*joined),
		judge: &judge{
			chainID: opt.ChainID, roles: opt.Roles, now: opt.Now, log: opt.Log, authors: newAuthors(), conduct: conduct, behind: opt.Behind,
		},
	}
	m.heard = newSubscriptions(m.names, func(id peer.ID) bool { return h.Network().Connectedness(id) == network.Connected })
	m.ctx, m.cancel = context.WithCancel(context.Background())
	return m, nil
}

// Start enters the mesh. ctx bounds nothing that lasts. A Mesh starts once, and
// a host has one.
func (m *Mesh) Start(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != created {
		return fmt.Errorf("%w: topic starts once", pdx.ErrWrongState)
	}
	score, thresholds := scores(m.judge.conduct.score)
	ps, err := pubsub.NewGossipSub(m.ctx, m.host,
		pubsub.WithMessageSignaturePolicy(pubsub.StrictSign),
		pubsub.WithMaxMessageSize(maxMessageSize),
		pubsub.WithValidateQueueSize(queued),
		pubsub.WithSeenMessagesTTL(seenTTL),
		pubsub.WithSubscriptionFilter(m.heard),
		pubsub.WithAppSpecificRpcInspector(m.judge.conduct.inspect),
		pubsub.WithPeerScore(score, thresholds),
		// Own notices go to all peers of the pool, not only to the grafted ones:
		// they are small and rare, and the first is often published before any graft.
		pubsub.WithFloodPublish(true),
	)
	if err != nil {
		return fmt.Errorf("enter the mesh: %w", err)
	}
	m.host.Network().Notify(m.heard)
	m.pubsub, m.state = ps, running
	return nil
}

// Stop leaves all pools and the mesh, and is idempotent. It waits for the
// goroutines of this package; the library ends its own soon after.
func (m *Mesh) Stop(context.Context) error {
	m.mu.Lock()
	wasRunning := m.state == running
	m.state = stopped
	for pool, j := range m.joined {
		m.leave(pool, j)
	}
	m.mu.Unlock()
	m.cancel()
	if wasRunning {
		m.host.Network().StopNotify(m.heard)
		for _, protocol := range pubsub.GossipSubDefaultProtocols {
			m.host.RemoveStreamHandler(protocol)
		}
	}
	m.wg.Wait()
	return nil
}

// Confirm says that the chain has a deal: peers that sent notices of it before this node
// knew it are not blamed for them any more.
func (m *Mesh) Confirm(deal pdx.DealID) { m.judge.conduct.confirm(deal) }

// Topics is how many pools' topics the mesh has joined.
func (m *Mesh) Topics() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.joined)
}

// ownBinding is our account's binding to everybody, renewed before it ends.
func (m *Mesh) ownBinding() (*discoverypb.Binding, error) {
	m.bindingMu.Lock()
	defer m.bindingMu.Unlock()
	now := m.opt.Now()
	if m.binding != nil && now.Add(renewBefore).Unix() < m.binding.GetExpiry() {
		return m.binding, nil
	}
	b, err := identity.Bind(m.opt.Signer, identity.Terms{ChainID: m.opt.ChainID, Peer: m.host.ID()}, now)
	if err != nil {
		return nil, err
	}
	m.binding = b
	return b, nil
}
