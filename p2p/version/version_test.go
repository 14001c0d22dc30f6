package version_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx/p2p/version"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listening is a host on a loopback port that speaks protocols.
func listening(t *testing.T, speaks ...protocol.ID) host.Host {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	for _, id := range speaks {
		h.SetStreamHandler(id, func(s network.Stream) { _ = s.Close() })
	}
	return h
}

// TestRefusals opens a stream from a node that speaks version 1, or 2 and 1, to
// peers of other releases and chains, and to what is no node.
func TestRefusals(t *testing.T) {
	const v1, v2, v10 = protocol.ID("/pdx/c-1/ack/1"), protocol.ID("/pdx/c-1/ack/2"), protocol.ID("/pdx/c-1/ack/10")
	const (
		foreign = "no version of ack, this node version 1: it is not a pdx node, or it is stopping; check its address"
		noRole  = "no version of ack, this node version 1: it must be upgraded, or does not play the role that answers this protocol"
		chain   = "no version of ack, this node version 1: it is on chain c-2, this node on c-1; compare chain.id of both nodes"
		newer   = "version 10, 2 of ack, this node version 1: upgrade this node"
		older   = "version 1 of ack, this node version 10, 2: the peer's node must be upgraded"
	)
	type list = []protocol.ID
	tests := map[string]struct {
		ours, theirs list
		want         string // after the peer's name; empty when they understand each other
	}{
		"the same":           {list{v1}, list{v1}, ""},
		"one in common":      {list{v2, v1}, list{v1}, ""},
		"a newer peer":       {list{v1}, list{v2, v10}, newer},
		"an older peer":      {list{v10, v2}, list{v1}, older},
		"another chain":      {list{v1}, list{"/pdx/c-2/ack/1"}, chain},
		"without the role":   {list{v1}, list{"/pdx/c-1/hello/1"}, noRole},
		"not a node":         {list{v1}, nil, foreign},
		"an escape sequence": {list{v1}, list{"/pdx/c-1\x1b[2J/ack/2"}, foreign},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			us, them := version.Host(listening(t)), listening(t, test.theirs...)
			require.NoError(t, us.Connect(t.Context(), peer.AddrInfo{ID: them.ID(), Addrs: them.Addrs()}))
			s, err := us.NewStream(t.Context(), them.ID(), test.ours...)
			if test.want == "" {
				require.NoError(t, err)
				require.NoError(t, s.Close())
				return
			}
			require.EqualError(t, err, "peer "+them.ID().String()+" speaks "+test.want)
			var unsupported *version.UnsupportedError
			require.ErrorAs(t, err, &unsupported)
			require.Equal(t, them.ID(), unsupported.Peer)
			require.ErrorIs(t, err, multistream.ErrNotSupported[protocol.ID]{}, "callers that ask for libp2p's error find it")
		})
	}
}

// TestOtherErrorsStay holds that nothing else is explained away.
func TestOtherErrorsStay(t *testing.T) {
	us, gone := version.Host(listening(t)), listening(t)
	_, err := us.NewStream(t.Context(), gone.ID(), "/pdx/c-1/ack/1") // no address is known
	var unsupported *version.UnsupportedError
	require.Error(t, err)
	require.False(t, errors.As(err, &unsupported))

	require.NoError(t, us.Connect(t.Context(), peer.AddrInfo{ID: gone.ID(), Addrs: gone.Addrs()}))
	_, err = us.NewStream(t.Context(), gone.ID(), "/foreign/1.0.0")
	require.ErrorIs(t, err, multistream.ErrNotSupported[protocol.ID]{})
	require.False(t, errors.As(err, &unsupported), "a protocol that is not ours has no rule of versions")
}

// FuzzPeersProtocols holds that an error repeats nothing of a peer's text that a
// terminal could take for a command, and stays short.
func FuzzPeersProtocols(f *testing.F) {
	f.Add("/pdx/c-1/ack/2")
	f.Add("/pdx/c-2/ack/1\n/pdx/c-3/ack/1.0.0")
	f.Add("/pdx/\x1b[2J/ack/2\n/pdx/c-1/ack/99999999999999999999")
	f.Fuzz(func(t *testing.T, lines string) {
		var theirs []protocol.ID
		for line := range strings.SplitSeq(lines, "\n") {
			theirs = append(theirs, protocol.ID(line))
		}
		ours := []protocol.ID{"/pdx/c-1/ack/1"}
		text := version.Explain(multistream.ErrNotSupported[protocol.ID]{Protos: ours}, "peer", ours, theirs).Error()
		require.Less(t, len(text), 1024)
		for _, r := range text {
			require.True(t, unicode.IsPrint(r), "%q", text)
		}
	})
}
