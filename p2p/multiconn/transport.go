package multiconn

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/transport"
	libp2pquic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/quicreuse"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
)

// A Transport is a libp2p transport whose connections can be widened.
type Transport struct {
	inner transport.Transport
	trips time.Duration // round trips of a dial
}

var (
	_ transport.Transport   = (*Transport)(nil)
	_ transport.DialUpdater = (*Transport)(nil)
)

// Round trips of a dial. TCP: its own, the choice of Noise, and Noise's. QUIC: that
// of TLS, which is its own.
const (
	tcpTrips  = 3
	quicTrips = 1
)

// NewTCP returns the TCP transport. It is a constructor for libp2p.Transport.
func NewTCP(upgrader transport.Upgrader, manager network.ResourceManager) (*Transport, error) {
	inner, err := tcp.NewTCPTransport(upgrader, manager, nil)
	if err != nil {
		return nil, err
	}
	return &Transport{inner, tcpTrips}, nil
}

// NewQUIC returns the QUIC transport. It is a constructor for libp2p.Transport.
func NewQUIC(
	key crypto.PrivKey, sockets *quicreuse.ConnManager, psk pnet.PSK,
	gater connmgr.ConnectionGater, manager network.ResourceManager,
) (*Transport, error) {
	inner, err := libp2pquic.NewTransport(key, sockets, psk, gater, manager)
	if err != nil {
		return nil, err
	}
	return &Transport{inner, quicTrips}, nil
}

// Dial connects to a peer.
func (t *Transport) Dial(ctx context.Context, to multiaddr.Multiaddr, p peer.ID) (transport.CapableConn, error) {
	return t.DialWithUpdates(ctx, to, p, nil)
}

// DialWithUpdates connects to a peer and reports progress to updates if the wrapped
// transport does.
func (t *Transport) DialWithUpdates(
	ctx context.Context, to multiaddr.Multiaddr, p peer.ID, updates chan<- transport.DialUpdate,
) (transport.CapableConn, error) {
	start := time.Now()
	c, err := t.dial(ctx, to, p, updates)
	if err != nil {
		return nil, err
	}
	conn := newConn(t.inner, c, to)
	conn.rtt = time.Since(start) / t.trips
	return conn, nil
}

func (t *Transport) dial(
	ctx context.Context, to multiaddr.Multiaddr, p peer.ID, updates chan<- transport.DialUpdate,
) (transport.CapableConn, error) {
	if u, ok := t.inner.(transport.DialUpdater); ok {
		return u.DialWithUpdates(ctx, to, p, updates)
	}
	return t.inner.Dial(ctx, to, p)
}

// CanDial reports whether addr is an address of the transport.
func (t *Transport) CanDial(addr multiaddr.Multiaddr) bool { return t.inner.CanDial(addr) }

// Protocols returns the codes of the multiaddr protocols of the transport.
func (t *Transport) Protocols() []int { return t.inner.Protocols() }

// Proxy reports whether the transport is a proxy.
func (t *Transport) Proxy() bool { return t.inner.Proxy() }

// String names the transport.
func (t *Transport) String() string { return fmt.Sprint(t.inner) }

// ListenOrder returns the position in which libp2p starts the transport: QUIC after
// TCP.
func (t *Transport) ListenOrder() int {
	if o, ok := t.inner.(interface{ ListenOrder() int }); ok {
		return o.ListenOrder()
	}
	return 0
}

// Close closes the wrapped transport if it can be closed.
func (t *Transport) Close() error {
	if c, ok := t.inner.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Listen listens for connections, which this side can widen as well.
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

// Accept returns the next connection.
func (l *listener) Accept() (transport.CapableConn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newConn(l.owner.inner, c, nil), nil
}
