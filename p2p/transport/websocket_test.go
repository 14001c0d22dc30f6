package transport_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/transport"
)

// webSocketHost listens for WebSockets alone.
func webSocketHost(t *testing.T) (listen *peer.AddrInfo, port string) {
	t.Helper()
	h, err := libp2p.New(append(transport.Options(false), transport.WebSocket(), libp2p.DisableMetrics(),
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0/ws"))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Close() })
	h.SetStreamHandler("/echo", func(s network.Stream) {
		_, _ = io.Copy(s, s)
		_ = s.Close()
	})
	port, err = h.Addrs()[0].ValueForProtocol(multiaddr.P_TCP)
	require.NoError(t, err)
	return &peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()}, port
}

// TestStreamsRunOverWebSocket moves more than a window of a stream over a WebSocket.
func TestStreamsRunOverWebSocket(t *testing.T) {
	to, _ := webSocketHost(t)
	h, err := libp2p.New(append(transport.Options(false), transport.WebSocket(), libp2p.DisableMetrics(), libp2p.NoListenAddrs)...)
	require.NoError(t, err)
	defer h.Close()
	require.NoError(t, h.Connect(t.Context(), *to))
	conn := h.Network().ConnsToPeer(to.ID)[0]
	require.Contains(t, conn.RemoteMultiaddr().String(), "/ws")
	require.Equal(t, "/noise", string(conn.ConnState().Security))
	s, err := h.NewStream(t.Context(), to.ID, "/echo")
	require.NoError(t, err)
	sent := strings.Repeat("0123456789", 300_000)
	go func() {
		_, _ = io.WriteString(s, sent)
		_ = s.CloseWrite()
	}()
	got, err := io.ReadAll(s)
	require.NoError(t, err)
	require.True(t, sent == string(got))
}

// TestWithoutWebSocketThereIsNone: a host that was not given WebSocket neither dials nor listens.
func TestWithoutWebSocketThereIsNone(t *testing.T) {
	to, _ := webSocketHost(t)
	h, err := libp2p.New(append(transport.Options(false), libp2p.DisableMetrics(), libp2p.NoListenAddrs)...)
	require.NoError(t, err)
	defer h.Close()
	require.Error(t, h.Connect(t.Context(), *to))
	require.Error(t, h.Network().Listen(multiaddr.StringCast("/ip4/127.0.0.1/tcp/0/ws")))
}

// TestWhatAStrangerSendsToAWebSocket: a long header is refused, and a request that wants no
// WebSocket is answered once.
func TestWhatAStrangerSendsToAWebSocket(t *testing.T) {
	_, port := webSocketHost(t)
	answer := func(request string) string {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
		_, _ = io.WriteString(c, request)
		got, _ := io.ReadAll(c) // until the server closes
		return string(got)
	}
	const get = "GET / HTTP/1.1\r\nHost: x\r\n"
	require.Equal(t, 1, strings.Count(answer(get+"\r\n"+get+"\r\n"), "HTTP/1.1 404"))
	require.Contains(t, answer(fmt.Sprintf("%sX-Long: %s\r\n\r\n", get, strings.Repeat("x", 64<<10))), "431")
	require.NotContains(t, answer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "200")
}
