package relay

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	pb "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/pb"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	upstream "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/util"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// newClient returns a private host with a Client that does not run, since AutoRelay uses no
// relay at a loopback address.
func newClient(t *testing.T) (host.Host, *Client) {
	t.Helper()
	h := newHost(t, true)
	c, err := NewClient(ClientConfig{
		Host: h, Candidates: func(context.Context, int) []peer.AddrInfo { return nil },
		Greet: func(context.Context, peer.ID) error { return nil },
	})
	require.NoError(t, err)
	return h, c
}

// use makes a reservation, as AutoRelay does, and tells the client of it.
func use(t *testing.T, h host.Host, c *Client, relay host.Host) {
	t.Helper()
	require.NoError(t, h.Connect(t.Context(), infoOf(relay)))
	_, err := client.Reserve(t.Context(), h, infoOf(relay))
	require.NoError(t, err)
	c.set(through(t, relay, h.ID()).Addrs, time.Now())
	require.True(t, c.Uses(relay.ID()))
}

func TestGoodRelayPassesItsCheck(t *testing.T) {
	s, a := newServer(t, Limits{})
	h, c := newClient(t)
	a.prove(h.ID(), "seller", true)
	use(t, h, c, s.cfg.Host)
	due := c.due(time.Now().Add(time.Minute))
	require.Len(t, due, 1)
	require.Empty(t, c.due(time.Now().Add(time.Minute)), "not twice")
	c.check(t.Context(), due[0])
	require.True(t, c.Relays()[0].Checked)
	require.Positive(t, c.Relays()[0].Trip)
	c.set(nil, time.Now())
	require.Empty(t, c.Relays(), "the reservation is gone")
}

// refusing is a relay that grants every reservation and refuses every circuit.
func refusing(t *testing.T) host.Host {
	t.Helper()
	h := newHost(t, false)
	r, err := upstream.New(h, upstream.WithReservationAddressFilter(func(multiaddr.Multiaddr) bool { return true }), upstream.WithACL(all{}))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return h
}

type all struct{}

func (all) AllowReserve(peer.ID, multiaddr.Multiaddr) bool          { return true }
func (all) AllowConnect(peer.ID, multiaddr.Multiaddr, peer.ID) bool { return false }

// diverting is a relay that grants every reservation and connects all circuits to another
// peer than the one asked for.
func diverting(t *testing.T) host.Host {
	t.Helper()
	h, instead := refusing(t), newHost(t, true)
	require.NoError(t, instead.Connect(t.Context(), infoOf(h)))
	h.SetStreamHandler(proto.ProtoIDv2Hop, divert(h, instead.ID(), 0))
	return h
}

// throttling is a relay that connects whoever is asked for, and holds back what it passes on.
func throttling(t *testing.T) host.Host {
	t.Helper()
	h := refusing(t)
	h.SetStreamHandler(proto.ProtoIDv2Hop, divert(h, "", 20*time.Millisecond))
	return h
}

// A relay that connects nobody, or to the wrong peer, or that is very slow, is noticed, left out,
// and left.
func TestHostileRelayIsLeft(t *testing.T) {
	for name, hostile := range map[string]func(*testing.T) host.Host{"refuses": refusing, "diverts": diverting, "throttles": throttling} {
		t.Run(name, func(t *testing.T) {
			bad := hostile(t)
			h, c := newClient(t)
			c.slow = 20 * time.Millisecond
			use(t, h, c, bad)
			for range maxFailures {
				require.False(t, c.avoids(bad.ID()))
				c.check(t.Context(), c.Relays()[0])
			}
			require.True(t, c.avoids(bad.ID()))
			require.Equal(t, network.NotConnected, h.Network().Connectedness(bad.ID()), "upon this AutoRelay drops it")
			c.cfg.Candidates = func(context.Context, int) []peer.AddrInfo { return []peer.AddrInfo{infoOf(bad)} }
			_, asked := <-c.source(t.Context(), 1)
			require.False(t, asked)
			_, err := greetingHost{h, c}.NewStream(t.Context(), bad.ID(), proto.ProtoIDv2Hop)
			require.ErrorIs(t, err, pdx.ErrRefused)
		})
	}
}

func TestNoteOfChecks(t *testing.T) {
	c := &Client{
		cfg: ClientConfig{Log: slog.New(slog.DiscardHandler)}, relays: map[peer.ID]*relayState{"r": {}}, avoided: map[peer.ID]time.Time{},
	}
	require.False(t, c.note("r", 0, pdx.ErrUnavailable), "once is no reason")
	require.False(t, c.note("r", time.Second, nil))
	require.False(t, c.note("r", 0, pdx.ErrUnavailable))
	require.True(t, c.note("r", 0, pdx.ErrUnavailable))
	require.True(t, c.avoids("r"))
	require.False(t, c.note("gone", 0, pdx.ErrUnavailable))
	for i := range 2 * maxAvoided {
		id := peer.ID(rune(i))
		c.relays[id] = &relayState{failures: maxFailures}
		c.note(id, 0, pdx.ErrUnavailable)
		delete(c.relays, id)
	}
	require.LessOrEqual(t, len(c.avoided), maxAvoided)
}

// divert answers reservations like a relay, and passes circuits on to a peer of its choice, or to
// the one asked for if that is empty. It holds back each piece for a while.
func divert(h host.Host, instead peer.ID, pause time.Duration) network.StreamHandler {
	return func(s network.Stream) {
		var m pb.HopMessage
		if err := util.NewDelimitedReader(s, 4096).ReadMsg(&m); err != nil {
			_ = s.Reset()
			return
		}
		out, ok := util.NewDelimitedWriter(s), pb.Status_OK.Enum()
		if m.GetType() == pb.HopMessage_RESERVE {
			until := uint64(time.Now().Add(time.Hour).Unix())
			_ = out.WriteMsg(&pb.HopMessage{Type: pb.HopMessage_STATUS.Enum(), Status: ok, Reservation: &pb.Reservation{Expire: &until}})
			_ = s.Close()
			return
		}
		target := instead
		if target == "" {
			target = peer.ID(m.GetPeer().GetId())
		}
		to, err := h.NewStream(context.Background(), target, proto.ProtoIDv2Stop)
		if err != nil {
			_ = s.Reset()
			return
		}
		_ = util.NewDelimitedWriter(to).WriteMsg(&pb.StopMessage{
			Type: pb.StopMessage_CONNECT.Enum(), Peer: util.PeerInfoToPeerV2(peer.AddrInfo{ID: s.Conn().RemotePeer()}),
		})
		var answer pb.StopMessage
		_ = util.NewDelimitedReader(to, 4096).ReadMsg(&answer)
		_ = out.WriteMsg(&pb.HopMessage{Type: pb.HopMessage_STATUS.Enum(), Status: ok})
		go func() { _, _ = io.Copy(slowly{to, pause}, s); _ = to.Reset() }()
		_, _ = io.Copy(slowly{s, pause}, to)
		_ = s.Reset()
	}
}

// slowly pauses before each write.
type slowly struct {
	io.Writer
	pause time.Duration
}

func (s slowly) Write(p []byte) (int, error) {
	<-time.After(s.pause)
	return s.Writer.Write(p)
}

func FuzzOf(f *testing.F) {
	f.Add("/ip4/1.2.3.4/tcp/1/p2p/12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N6eZs6fZ9JjAYK/p2p-circuit")
	f.Add("/p2p-circuit")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := multiaddr.NewMultiaddr(text)
		if err != nil {
			return
		}
		if id, ok := Of(a); ok {
			require.NoError(t, id.Validate())
		}
	})
}
