package connmgr

import (
	"cmp"
	"net/netip"
	"strings"
	"sync"
	"time"

	core "github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"

	"github.com/medibloc/pdx/internal/addrgroup"
)

// A Manager is a connection manager for one host. Make it with New.
type Manager struct {
	*connmgr.BasicConnMgr
	notifee *network.NotifyBundle

	mu     sync.Mutex // guards the rest; taken before the locks of BasicConnMgr
	peers  map[peer.ID]*peerState
	groups map[netip.Prefix]*group
	timed  map[peer.ID]*peerState // that have work for which they asked

	stop    chan struct{}
	stopped chan struct{}
	closing func() error // close, once
}

var (
	_ core.ConnManager = (*Manager)(nil)
	_ core.Decayer     = (*Manager)(nil)
)

// Config configures a Manager.
type Config struct {
	// Grace is how long a new connection is not closed; 0 means a minute.
	Grace time.Duration
	// Low and High are to how many connections they are cut down, and above how many; 0 means
	// 160 and 320.
	Low, High int
}

// New returns a running manager. The host that it is given to closes it.
func New(c Config) (*Manager, error) {
	basic, err := connmgr.NewConnManager(cmp.Or(c.Low, low), cmp.Or(c.High, high), connmgr.WithGracePeriod(cmp.Or(c.Grace, grace)))
	if err != nil {
		return nil, err
	}
	m := &Manager{
		BasicConnMgr: basic, peers: make(map[peer.ID]*peerState), groups: make(map[netip.Prefix]*group),
		timed: make(map[peer.ID]*peerState), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	m.notifee = m.newNotifee()
	m.closing = sync.OnceValue(m.close)
	go m.sweep()
	return m, nil
}

// Close stops the manager. Connections stay as they are.
func (m *Manager) Close() error {
	return m.closing()
}

func (m *Manager) close() error {
	close(m.stop)
	<-m.stopped
	return m.BasicConnMgr.Close()
}

// sweep checks stalls and allowances until Close.
func (m *Manager) sweep() {
	defer close(m.stopped)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-m.stop:
			return
		case <-tick.C:
			m.check(time.Now())
		}
	}
}

func (m *Manager) check(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.timed {
		m.settle(p, now)
	}
}

// isTable reports whether a library protects under tag what is in a table of its own:
// the mesh of a topic or the far buckets of the DHT.
func isTable(tag string) bool { return tag == "kbucket" || isMesh(tag) }

// isMesh reports whether a tag is that of a topic's mesh. gossipsub does not take it back
// when a peer disconnects.
func isMesh(tag string) bool { return strings.HasPrefix(tag, "pubsub:") }

// Protect protects a connected peer until Unprotect is called with the same tag, within
// the limit of its address group. For what libraries protect because it is in a table of
// theirs, the peer is preferred instead; see the package's documentation. Use Begin for
// work.
func (m *Manager) Protect(id peer.ID, tag string) {
	m.change(id, func(p *peerState) {
		switch {
		case isMesh(tag) && p.group == nil: // it has disconnected meanwhile
		case isTable(tag):
			p.tables[tag] = struct{}{}
		default:
			p.kept[tag] = struct{}{}
		}
	})
}

// Unprotect ends what Protect began, and reports whether the peer stays protected.
func (m *Manager) Unprotect(id peer.ID, tag string) (protected bool) {
	m.change(id, func(p *peerState) {
		delete(p.tables, tag)
		delete(p.kept, tag)
	})
	return m.BasicConnMgr.IsProtected(id, workTag)
}

// IsProtected reports whether a peer is protected; if tag is not empty, whether it is by
// a Protect with that tag.
func (m *Manager) IsProtected(id peer.ID, tag string) (protected bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.peers[id]
	if p == nil || !p.protected {
		return false
	}
	_, kept := p.kept[tag]
	return kept || tag == ""
}

// TagPeer sets the value of a tag. Deal and Validator also make the requests of the peer
// count as this node's own work. They are set for connected peers only, and until the
// peer disconnects.
func (m *Manager) TagPeer(id peer.ID, tag string, value int) {
	if tag != Deal && tag != Validator {
		m.BasicConnMgr.TagPeer(id, tag, value)
		return
	}
	m.change(id, func(p *peerState) {
		if p.group == nil {
			return
		}
		p.party[tag] = struct{}{}
		m.BasicConnMgr.TagPeer(id, tag, value)
	})
}

// UntagPeer removes a tag.
func (m *Manager) UntagPeer(id peer.ID, tag string) {
	m.change(id, func(p *peerState) {
		delete(p.party, tag)
		m.BasicConnMgr.UntagPeer(id, tag)
	})
}

// Notifee returns what the host tells of its connections.
func (m *Manager) Notifee() network.Notifiee { return m.notifee }

func (m *Manager) newNotifee() *network.NotifyBundle {
	basic := m.BasicConnMgr.Notifee()
	return &network.NotifyBundle{
		ConnectedF: func(n network.Network, c network.Conn) {
			basic.Connected(n, c)
			m.connected(c)
		},
		DisconnectedF: func(n network.Network, c network.Conn) {
			m.disconnected(c)
			basic.Disconnected(n, c)
		},
	}
}

func (m *Manager) connected(c network.Conn) {
	m.change(c.RemotePeer(), func(p *peerState) {
		if p.conns == 0 {
			m.join(p, addrgroup.Of(c.RemoteMultiaddr()))
		}
		p.conns++
		m.rank(p.group)
	})
}

func (m *Manager) disconnected(c network.Conn) {
	m.change(c.RemotePeer(), func(p *peerState) {
		if p.conns--; p.conns > 0 {
			m.rank(p.group)
			return
		}
		m.leave(p)
	})
}

// change changes the state of a peer, then protects whoever is to be protected after it.
func (m *Manager) change(id peer.ID, how func(*peerState)) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.peers[id]
	if p == nil {
		p = newPeerState(id, now)
		m.peers[id] = p
	}
	how(p)
	m.settle(p, now)
	if p.empty() {
		delete(m.peers, id)
	}
}
