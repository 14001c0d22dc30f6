package reach_test

import (
	"context"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/reach"
	"github.com/medibloc/pdx/p2p/transport"
)

func newHost(t *testing.T) host.Host {
	t.Helper()
	h, err := libp2p.New(append(transport.Options(false), libp2p.DisableMetrics(), libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// steps returns what Explain reports of a peer, of which locate finds addresses.
func steps(t *testing.T, from host.Host, name string, locate ...multiaddr.Multiaddr) (list []api.PathStep, err error) {
	t.Helper()
	p := reach.Paths{
		Host: from, ChainID: "test-1",
		Locate: func(context.Context, peer.ID) []multiaddr.Multiaddr { return locate },
		Describe: func(c network.Conn) api.Peer {
			return api.Peer{ID: c.RemotePeer().String(), Address: c.RemoteMultiaddr().String()}
		},
	}
	err = p.Explain(t.Context(), name, func(s api.PathStep) { list = append(list, s) })
	return list, err
}

func TestReachNamesEachStep(t *testing.T) {
	from, to := newHost(t), newHost(t)
	dead := multiaddr.StringCast("/ip4/127.0.0.1/tcp/1")
	from.Peerstore().AddAddrs(to.ID(), []multiaddr.Multiaddr{to.Addrs()[0], dead}, peerstore.PermanentAddrTTL)
	list, err := steps(t, from, to.ID().String())
	require.NoError(t, err)
	require.Len(t, list, 4)
	require.Equal(t, "2 addresses known: 2 direct, 0 over relays", list[0].Message)
	for _, s := range list[1:3] {
		require.Equal(t, "dial", s.Step)
		require.Equal(t, s.Address != dead.String(), s.OK, s.Message)
		if !s.OK {
			require.Contains(t, s.Message, "refused")
		}
	}
	require.Equal(t, "connection", list[3].Step)
	require.Equal(t, "direct", list[3].Message)
	require.Positive(t, list[3].RTT)
}

func TestReachOfAPeerThatIsNowhere(t *testing.T) {
	from, to := newHost(t), newHost(t)
	list, err := steps(t, from, to.ID().String())
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Contains(t, list[0].Message, "none known")
	require.False(t, list[0].OK)
	require.False(t, list[1].OK)

	list, err = steps(t, from, to.ID().String(), to.Addrs()...)
	require.NoError(t, err)
	require.True(t, list[1].OK, "the network knows it")
}

func TestReachRefusesNames(t *testing.T) {
	from := newHost(t)
	for _, name := range []string{"", "nobody", "/ip4/1.2.3.4/tcp/1", from.ID().String()} {
		_, err := steps(t, from, name)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}
