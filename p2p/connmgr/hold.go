package connmgr

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	core "github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// A Hold protects a peer while one piece of work is under way. Several for one peer do
// not affect each other. The methods of a nil Hold do nothing.
type Hold struct {
	end   func()
	once  sync.Once
	lapse bool         // when it does not move
	moved atomic.Int64 // when it last did, in nanoseconds
}

// Begin protects a peer for work that this node began itself: a pull, a question to a
// validator, an ack. The peer need not be connected yet; it is protected while it is.
func Begin(h host.Host, id peer.ID) *Hold { return begin(h.ConnManager(), id, kindOwn) }

// Serve protects a peer that waits for this node to work on its request. Call it after
// the request was admitted: a stream that was merely opened must not protect its peer.
// Without a deal with this node (see Deal), a peer is protected for a minute at a
// stretch and for a tenth of the time in the long run.
func Serve(h host.Host, id peer.ID) *Hold { return begin(h.ConnManager(), id, kindServe) }

// Transfer is Serve for a request that the peer takes part in. It protects the peer
// while it moves: see Moved.
func Transfer(h host.Host, id peer.ID) *Hold { return begin(h.ConnManager(), id, kindTransfer) }

type kind int

const (
	kindOwn kind = iota
	kindServe
	kindTransfer
)

// Moved notes that the peer has just sent or taken something. A Transfer that has not
// moved for 5 seconds does not protect its peer until it moves again.
func (h *Hold) Moved() {
	if h != nil && h.lapse {
		h.moved.Store(time.Now().UnixNano())
	}
}

// End ends the protection. Ending it again does nothing.
func (h *Hold) End() {
	if h != nil {
		h.once.Do(h.end)
	}
}

// moves reports whether the hold still protects.
func (h *Hold) moves(now time.Time) bool {
	return !h.lapse || now.Sub(time.Unix(0, h.moved.Load())) < stallTime
}

func begin(manager core.ConnManager, id peer.ID, k kind) *Hold {
	h := &Hold{lapse: k == kindTransfer}
	h.Moved()
	m, ok := manager.(*Manager)
	switch {
	case !ok:
		// Another manager: protections are a set of tags, so each needs its own.
		tag := workTag + "." + strconv.FormatUint(foreign.Add(1), 10)
		manager.Protect(id, tag)
		h.end = func() { manager.Unprotect(id, tag) }
	case k == kindOwn:
		m.change(id, func(p *peerState) { p.own++ })
		h.end = func() { m.change(id, func(p *peerState) { p.own-- }) }
	default:
		m.change(id, func(p *peerState) { p.asked[h] = struct{}{} })
		h.end = func() { m.change(id, func(p *peerState) { delete(p.asked, h) }) }
	}
	return h
}

// foreign counts the protections at managers that are not of this package.
var foreign atomic.Uint64
