package connmgr

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// peerState is what a Manager knows of a peer that is connected, has work, or is in a
// table of a library.
type peerState struct {
	id    peer.ID
	conns int
	group *group // nil without connections
	crowd int    // value of crowdTag
	table bool   // whether it has tableTag

	kept   map[string]struct{} // tags of Protect
	tables map[string]struct{} // tags of Protect that mean a table
	party  map[string]struct{} // Deal, Validator
	own    int                 // pieces of this node's own work
	asked  map[*Hold]struct{}  // work for which the peer asked

	grounds   grounds
	since     uint64 // order in which peers of the group got their grounds
	protected bool
	allowance allowanceState
}

// grounds are why a peer is to be protected. Higher ones come first.
type grounds int

const (
	noGrounds grounds = iota
	asked             // for what it asked for, without a deal
	firm              // for this node's own work, a deal, or a library
)

// group is an address group with connections.
type group struct {
	key   netip.Prefix
	peers []*peerState // in the order in which they came
	next  uint64       // see peerState.since
}

func newPeerState(id peer.ID, now time.Time) *peerState {
	return &peerState{
		id: id, kept: map[string]struct{}{}, tables: map[string]struct{}{}, party: map[string]struct{}{},
		asked: map[*Hold]struct{}{}, allowance: allowanceState{left: allowance, at: now},
	}
}

// empty reports whether nothing is to be remembered of the peer.
func (p *peerState) empty() bool {
	return p.conns == 0 && p.own == 0 && len(p.asked)+len(p.kept)+len(p.tables) == 0
}

// groundsAt returns why the peer is to be protected.
func (p *peerState) groundsAt(now time.Time) grounds {
	live := false
	for h := range p.asked {
		live = live || h.moves(now)
	}
	switch {
	case p.own > 0, len(p.kept) > 0, live && len(p.party) > 0:
		p.allowance.use(false, now)
		return firm
	case p.allowance.use(live, now):
		return asked
	}
	return noGrounds
}

// allowanceState is the time for which a peer may be protected for what it asked for.
type allowanceState struct {
	left  time.Duration
	at    time.Time // when left was right
	used  bool      // since then
	spent bool      // none until left has grown to resumeAt
}

// use accounts for the time until now, and reports whether the peer may be protected
// from now on, if it wants.
func (a *allowanceState) use(want bool, now time.Time) bool {
	passed := now.Sub(a.at)
	a.at = now
	if a.used {
		a.left -= passed
	} else {
		a.left = min(allowance, a.left+time.Duration(refill*float64(passed)))
	}
	a.spent = a.left <= 0 || a.spent && a.left < resumeAt
	a.used = want && !a.spent
	return a.used
}

// join puts a peer into its address group.
func (m *Manager) join(p *peerState, key netip.Prefix) {
	g := m.groups[key]
	if g == nil {
		g = &group{key: key}
		m.groups[key] = g
	}
	p.group = g
	g.peers = append(g.peers, p)
}

// leave takes a peer that has no connection any more out of its group. libp2p's manager
// forgets its tags.
func (m *Manager) leave(p *peerState) {
	g := p.group
	g.peers = slices.DeleteFunc(g.peers, func(o *peerState) bool { return o == p })
	if len(g.peers) == 0 {
		delete(m.groups, g.key)
	}
	m.protect(p, false)
	p.group, p.crowd, p.table, p.grounds = nil, 0, false, noGrounds
	clear(p.party)
	maps.DeleteFunc(p.tables, func(tag string, _ struct{}) bool { return isMesh(tag) })
	m.rank(g)
	m.share(g)
}

// rank takes from the value of each peer of a group for the connections that came before
// the peer's only one.
func (m *Manager) rank(g *group) {
	before := 0
	for _, p := range g.peers {
		before += p.conns
		crowd := -min(crowdMost, crowdWeight*(before-1))
		if crowd != p.crowd {
			p.crowd = crowd
			m.BasicConnMgr.TagPeer(p.id, crowdTag, crowd)
		}
	}
}

// settle brings the grounds of a peer, and what follows from it in its group, up to date.
func (m *Manager) settle(p *peerState, now time.Time) {
	if len(p.asked) > 0 {
		m.timed[p.id] = p
	} else {
		delete(m.timed, p.id)
	}
	current := p.groundsAt(now)
	if p.group == nil {
		return // it is protected when it connects
	}
	m.prefer(p)
	if current == p.grounds {
		return
	}
	p.grounds = current
	p.group.next++
	p.since = p.group.next
	m.share(p.group)
}

// prefer gives a peer in a library's table its value.
func (m *Manager) prefer(p *peerState) {
	is := len(p.tables) > 0
	switch {
	case is == p.table:
		return
	case is:
		m.BasicConnMgr.TagPeer(p.id, tableTag, tableWeight)
	default:
		m.BasicConnMgr.UntagPeer(p.id, tableTag)
	}
	p.table = is
}

// share protects the peers of a group that have grounds, up to maxProtected: firm ones
// first, then the oldest.
func (m *Manager) share(g *group) {
	var entitled []*peerState
	for _, p := range g.peers {
		if p.grounds != noGrounds {
			entitled = append(entitled, p)
		} else {
			m.protect(p, false)
		}
	}
	slices.SortFunc(entitled, func(a, b *peerState) int {
		return cmp.Or(-cmp.Compare(a.grounds, b.grounds), cmp.Compare(a.since, b.since))
	})
	for i, p := range entitled {
		m.protect(p, i < maxProtected)
	}
}

func (m *Manager) protect(p *peerState, is bool) {
	switch {
	case is == p.protected:
		return
	case is:
		m.BasicConnMgr.Protect(p.id, workTag)
	default:
		m.BasicConnMgr.Unprotect(p.id, workTag)
	}
	p.protected = is
}
