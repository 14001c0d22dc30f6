package presence

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/validator"
)

const (
	// presenceTick is the interval between refreshes without news.
	presenceTick = time.Minute
	// presenceRetry is the pause after the chain did not answer.
	presenceRetry = 5 * time.Second
	// presencePause is how long news of this node's own deals and pools is collected before
	// a refresh, which reads only what this node has in progress.
	presencePause = 500 * time.Millisecond
	// poolsPause is the least time between two readings of the open pools from the chain:
	// anybody may open pools.
	poolsPause = 10 * time.Second
	// maxPresence bounds the memberships and blobs that a node announces, each.
	maxPresence = 1000
	// maxOpenPools bounds the open pools that a reading takes from the chain, the newest
	// first: a hundred pages.
	maxOpenPools = 10_000
	// maxRecentPools is in how many of its newest pools a buyer is found after they are over.
	maxRecentPools = 64
)

// A membership is a role of this node in a pool.
type membership struct {
	pool pdx.PoolID
	role pdx.Role
}

// Config configures a Presence. All fields are required.
type Config struct {
	Discovery *discovery.Discovery
	Mesh      *gossip.Mesh
	Met       func(pdx.Address, peer.ID) // called for each author of a notice, who has proven its account
	Chain     Lister
	Account   pdx.Address
	Plays     func(pdx.Role) bool
	Seller    *seller.Service
	Buyer     *buyer.Service
	Validator *validator.Service
	Hint      func(pdx.Event) // called with each notice of a topic, which must be checked on chain
	Log       *slog.Logger
}

// Presence keeps the node announced in the pools in which it plays a role, and joined to
// their topics. It derives both from the state of the roles at each refresh, and withdraws
// what an earlier run announced and is no longer wanted.
type Presence struct {
	cfg Config

	news        notify.Signal // of what this node has in progress
	poolNews    atomic.Bool   // pools were opened or closed on chain
	open        []pdx.Pool    // as last read
	read        time.Time     // when that was
	memberships map[membership]bool
	blobs       map[pdx.ContentID]bool
	sessions    map[pdx.PoolID]*topicSession
}

// New returns a Presence.
func New(c Config) *Presence {
	return &Presence{
		cfg: c, news: notify.New(), memberships: map[membership]bool{}, blobs: map[pdx.ContentID]bool{},
		sessions: map[pdx.PoolID]*topicSession{},
	}
}

// A Lister reads pools from the chain.
type Lister interface {
	Pools(ctx context.Context, f pdx.PoolFilter) ([]pdx.Pool, string, error)
}

// Run refreshes until ctx ends.
func (p *Presence) Run(ctx context.Context) {
	p.resume(ctx)
	for {
		again := presenceTick
		if err := p.refresh(ctx); err != nil {
			p.cfg.Log.Debug("presence not refreshed", "error", err)
			again = presenceRetry
		} else if p.poolNews.Load() { // read too lately to be read again now
			again = poolsPause
		}
		select {
		case <-ctx.Done():
			for _, t := range p.sessions {
				t.end()
			}
			return
		case <-time.After(again):
		case <-p.news:
			_ = lifecycle.Sleep(ctx, presencePause)
			select { // this refresh includes news of the pause
			case <-p.news:
			default:
			}
		}
	}
}

// resume loads what an earlier run announced. Discovery keeps announcing it, and only what
// is known here can be withdrawn.
func (p *Presence) resume(ctx context.Context) {
	announced, err := p.cfg.Discovery.Announced(ctx)
	if err != nil {
		p.cfg.Log.Warn("earlier announcements cannot be read and are not withdrawn", "error", err)
	}
	for _, a := range announced {
		if a.Pool != 0 {
			p.memberships[membership{a.Pool, a.Role}] = true
		} else {
			p.blobs[a.Content] = true
		}
	}
}

// Wake takes note of an event on chain.
func (p *Presence) Wake(e pdx.Event) {
	switch {
	case e.Deal == 0 && e.Pool != 0:
		p.RefreshPools()
	case e.Deal != 0 && e.Validator == p.cfg.Account: // what it certified, it serves
		p.news.Set()
	}
}

// Refresh has what this node has in progress looked through again, soon. It never blocks.
func (p *Presence) Refresh() { p.news.Set() }

// RefreshPools has the open pools read from the chain again, too.
func (p *Presence) RefreshPools() {
	p.poolNews.Store(true)
	p.news.Set()
}

// refresh reconciles announcements and topics with the wanted set and publishes pending
// notices.
func (p *Presence) refresh(ctx context.Context) error {
	w, err := p.wanted(ctx)
	if err != nil {
		return err
	}
	p.announce(ctx, w.memberships)
	p.announceBlobs(ctx, w.roots)
	p.join(ctx, w.pools)
	p.publishAll(ctx)
	return nil
}

func (p *Presence) announce(ctx context.Context, wanted map[membership]bool) {
	change(p.memberships, wanted,
		func(m membership) error { return p.cfg.Discovery.Announce(ctx, m.pool, m.role) },
		func(m membership) error { return p.cfg.Discovery.Withdraw(ctx, m.pool, m.role) }, p.cfg.Log)
}

func (p *Presence) announceBlobs(ctx context.Context, wanted map[pdx.ContentID]bool) {
	change(p.blobs, wanted,
		func(id pdx.ContentID) error { return p.cfg.Discovery.AnnounceContent(ctx, id) },
		func(id pdx.ContentID) error { return p.cfg.Discovery.WithdrawContent(ctx, id) }, p.cfg.Log)
}

// change brings have into line with wanted. What fails is retried at the next refresh.
func change[K comparable](have, wanted map[K]bool, add, remove func(K) error, log *slog.Logger) {
	for k := range wanted {
		if have[k] {
			continue
		}
		if err := add(k); err != nil {
			log.Debug("not announced yet", "error", err)
			continue
		}
		have[k] = true
	}
	for k := range have {
		if !wanted[k] && remove(k) == nil {
			delete(have, k)
		}
	}
}
