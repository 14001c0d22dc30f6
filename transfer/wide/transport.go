package wide

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
)

// Transport is the TCP transport with connections that can be widened.
type Transport struct{ inner *tcp.TcpTransport }

var (
	_ transport.Transport   = (*Transport)(nil)
	_ transport.DialUpdater = (*Transport)(nil)
)

// NewTCP is a Transport, in the form that libp2p.Transport takes.
func NewTCP(upgrader transport.Upgrader, manager network.ResourceManager) (*Transport, error) {
	inner, err := tcp.NewTCPTransport(upgrader, manager, nil)
	if err != nil {
		return nil, err
	}
	return &Transport{inner}, nil
}

// dialTrips are the round trips of a dial: TCP's own, the choice of Noise, and
// Noise's.
const dialTrips = 3

// Dial connects to a peer.
func (t *Transport) Dial(ctx context.Context, to multiaddr.Multiaddr, p peer.ID) (transport.CapableConn, error) {
	return t.DialWithUpdates(ctx, to, p, nil)
}

// DialWithUpdates connects to a peer and tells of the progress.
func (t *Transport) DialWithUpdates(ctx context.Context, to multiaddr.Multiaddr, p peer.ID, updates chan<- transport.DialUpdate) (transport.CapableConn, error) {
	start := time.Now()
	c, err := t.inner.DialWithUpdates(ctx, to, p, updates)
	if err != nil {
		return nil, err
	}
	conn := newConn(t.inner, c, to)
	conn.rtt = time.Since(start) / dialTrips
	return conn, nil
}

// CanDial tells whether it is a TCP address.
func (t *Transport) CanDial(addr multiaddr.Multiaddr) bool { return t.inner.CanDial(addr) }

// Protocols is TCP.
func (t *Transport) Protocols() []int { return t.inner.Protocols() }

// Proxy is false.
func (t *Transport) Proxy() bool { return t.inner.Proxy() }

// String names the transport.
func (t *Transport) String() string { return t.inner.String() }

// Listen takes connections that can be widened from this side, too.
func (t *Transport) Listen(addr multiaddr.Multiaddr) (transport.Listener, error) {
	l, err := t.inner.Listen(addr)
	if err != nil {
		return nil, err
	}
	return &listener{l, t}, nil
}

type listener struct {
	transport.Listener
	owner *Transport
}

// Accept is the next connection.
func (l *listener) Accept() (transport.CapableConn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newConn(l.owner.inner, c, nil), nil
}
