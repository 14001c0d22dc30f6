package gossip

import (
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/addrgroup"
	"github.com/medibloc/pdx/internal/ratelimit"
)

var errSilenced = errors.New("peer is silenced")

// A conduct limits what forwarding peers, their address groups and all peers together
// make this node do, and silences a peer whose notices are ignored too often. Authors
// are no measure of that: a peer can make up any number of them.
type conduct struct {
	self    peer.ID
	now     func() time.Time
	group   func(peer.ID) netip.Prefix
	metrics *Metrics

	peerMessages   *ratelimit.Buckets[peer.ID]
	groupMessages  *ratelimit.Buckets[netip.Prefix]
	peerQuestions  *ratelimit.Buckets[peer.ID]
	groupQuestions *ratelimit.Buckets[netip.Prefix]
	allQuestions   *ratelimit.Buckets[struct{}]
	ignored        *ratelimit.Buckets[peer.ID]
	silenced       *lru.Cache[peer.ID, time.Time] // until when

	doubting sync.Mutex // guards the slices in doubts
	doubts   *lru.Cache[pdx.DealID, []peer.ID]
}

func newConduct(self peer.ID, group func(peer.ID) netip.Prefix, now func() time.Time, metrics *Metrics) (*conduct, error) {
	silenced, err := lru.New[peer.ID, time.Time](maxForwarders)
	if err != nil {
		return nil, err
	}
	doubts, err := lru.New[pdx.DealID, []peer.ID](maxDoubts)
	return &conduct{
		self: self, now: now, group: group, metrics: metrics,
		peerMessages:   ratelimit.New[peer.ID](peerMessages, maxForwarders),
		groupMessages:  ratelimit.New[netip.Prefix](groupMessages, maxForwarders),
		peerQuestions:  ratelimit.New[peer.ID](peerQuestions, maxForwarders),
		groupQuestions: ratelimit.New[netip.Prefix](groupQuestions, maxForwarders),
		allQuestions:   ratelimit.New[struct{}](allQuestions, 1),
		ignored:        ratelimit.New[peer.ID](ignoredNotices, maxForwarders),
		silenced:       silenced,
		doubts:         doubts,
	}, err
}

// groupOf returns the address group of a connected peer. Peers on local networks share
// the zero Prefix, which has no limit: many nodes behind one private address are
// ordinary there.
func groupOf(h host.Host) func(peer.ID) netip.Prefix {
	return func(id peer.ID) netip.Prefix {
		conns := h.Network().ConnsToPeer(id)
		if len(conns) == 0 {
			return netip.Prefix{}
		}
		group := addrgroup.Of(conns[0].RemoteMultiaddr())
		if a := group.Addr(); a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() {
			return netip.Prefix{}
		}
		return group
	}
}

// inspect drops the messages of an RPC that are beyond the rates of its sender or of the
// sender's address group, before their signatures are checked. Nobody is blamed for
// them: they may have gathered while this node was suspended, and to read and drop the
// messages of a silenced peer would cost the same. An RPC with messages of a silenced peer
// is dropped whole.
func (c *conduct) inspect(from peer.ID, rpc *pubsub.RPC) error {
	if len(rpc.Publish) == 0 {
		return nil
	}
	group, now := c.group(from), c.now()
	if c.isSilenced(from, now) {
		// The library scores only peers that accept its own streams.
		return errSilenced
	}
	kept := rpc.Publish[:0:0]
	for _, m := range rpc.Publish {
		switch cost := 1 + len(m.GetData())/(maxNotice+1); {
		case !c.peerMessages.Allow(from, cost, now):
			c.metrics.drop("peer_rate")
		case group.IsValid() && !c.groupMessages.Allow(group, cost, now):
			c.metrics.drop("group_rate")
		default:
			kept = append(kept, m)
		}
	}
	rpc.Publish = kept
	return nil
}

// mayAsk takes a question to the chain from the allowances of from, of its address
// group and of all, and reports whether all of them had one left. A peer is blamed for
// what is beyond its own allowance.
func (c *conduct) mayAsk(from peer.ID) bool {
	if from == c.self {
		return true
	}
	group, now := c.group(from), c.now()
	if !c.allQuestions.Has(struct{}{}, now) {
		return false
	}
	if !c.peerQuestions.Allow(from, 1, now) {
		c.blame(from)
		return false
	}
	return (!group.IsValid() || c.groupQuestions.Allow(group, 1, now)) && c.allQuestions.Allow(struct{}{}, 1, now)
}

// blame counts an ignored notice against the peer that sent it, which honest peers send
// only when their view of the chain is ahead of this node's.
func (c *conduct) blame(from peer.ID) {
	now := c.now()
	if from == c.self || c.isSilenced(from, now) || c.ignored.Allow(from, 1, now) {
		return
	}
	c.silenced.Add(from, now.Add(silence))
	c.metrics.silence()
}

// doubt blames a peer for naming a deal that this node's view of the chain lacks, until
// confirm takes that back.
func (c *conduct) doubt(from peer.ID, deal pdx.DealID) {
	c.blame(from)
	if deal == 0 {
		return
	}
	c.doubting.Lock()
	defer c.doubting.Unlock()
	peers, _ := c.doubts.Get(deal)
	if len(peers) < maxDoubted {
		c.doubts.Add(deal, append(slices.Clip(peers), from))
	}
}

// confirm takes back the blame for naming a deal before this node knew it.
func (c *conduct) confirm(deal pdx.DealID) {
	c.doubting.Lock()
	peers, _ := c.doubts.Get(deal)
	c.doubts.Remove(deal)
	c.doubting.Unlock()
	for _, id := range peers {
		c.ignored.Charge(id, -1, c.now())
	}
}

func (c *conduct) isSilenced(id peer.ID, now time.Time) bool {
	until, ok := c.silenced.Peek(id)
	return ok && now.Before(until)
}

// score is the application's part of a peer's score.
func (c *conduct) score(id peer.ID) float64 {
	if c.isSilenced(id, c.now()) {
		return silencedScore
	}
	return 0
}
