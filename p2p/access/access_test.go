package access_test

import (
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/access"
	"github.com/medibloc/pdx/p2p/transport"
)

const (
	one     = "12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N6eZs6fZ9JjAYK"
	other   = "12D3KooWLS2gLKHbx5zfgYL9pf87v9ZFax9NKgQyYNymTgDdcizr"
	account = "panacea13xmp2j5ygcq8rta5203vwufpgk94dq78dkjxvg"
)

func rules(t *testing.T, allow, deny []string) *access.Rules {
	t.Helper()
	r, err := access.NewRules(allow, deny)
	require.NoError(t, err)
	return r
}

func TestRules(t *testing.T) {
	here, there := multiaddr.StringCast("/ip4/192.0.2.7/tcp/1"), multiaddr.StringCast("/ip6/2001:db8::1/udp/1/quic-v1")
	over := multiaddr.StringCast("/ip4/192.0.2.7/tcp/1/p2p/" + other + "/p2p-circuit")
	id, err := peer.Decode(one)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		allow, deny        []string
		here, there, relay bool
	}{
		"nothing":             {nil, nil, true, true, true},
		"peer denied":         {nil, []string{one}, false, false, false},
		"other denied":        {nil, []string{other}, true, true, true},
		"range denied":        {nil, []string{"192.0.2.0/24"}, false, true, true},
		"address denied":      {nil, []string{"2001:db8::1"}, true, false, true},
		"peer allowed":        {[]string{one}, nil, true, true, true},
		"other allowed":       {[]string{other}, nil, false, false, false},
		"range allowed":       {[]string{"2001:db8::/32"}, nil, false, true, false},
		"allowed and denied":  {[]string{one}, []string{"192.0.2.7"}, false, true, true},
		"only accounts named": {[]string{account}, []string{account}, true, true, true},
	} {
		r := rules(t, c.allow, c.deny)
		require.Equal(t, c.here, r.InterceptAddrDial(id, here), name)
		require.Equal(t, c.there, r.InterceptAddrDial(id, there), name)
		require.Equal(t, c.relay, r.InterceptAddrDial(id, over), name)
	}
}

func TestAccounts(t *testing.T) {
	require.NoError(t, rules(t, nil, nil).Account(account))
	require.NoError(t, rules(t, []string{account, one}, nil).Account(account))
	require.NoError(t, rules(t, []string{one}, nil).Account(account), "no account is named")
	require.ErrorIs(t, rules(t, nil, []string{account}).Account(account), pdx.ErrRefused)
	r := rules(t, []string{account}, nil)
	require.ErrorIs(t, r.Account("panacea1other"), pdx.ErrRefused)
	allowed, denied, refused := r.Sizes()
	require.Equal(t, []any{1, 0, uint64(1)}, []any{allowed, denied, refused})
}

func newHost(t *testing.T, r *access.Rules) host.Host {
	t.Helper()
	h, err := libp2p.New(append(transport.Options(false), libp2p.DisableMetrics(),
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.ConnectionGater(r))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// A denied peer neither gets in nor is dialled; the others do and are.
func TestDeniedPeerIsNotConnected(t *testing.T) {
	stranger, friend := newHost(t, rules(t, nil, nil)), newHost(t, rules(t, nil, nil))
	h := newHost(t, rules(t, nil, []string{stranger.ID().String()}))
	info := peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()}
	require.NoError(t, friend.Connect(t.Context(), info))
	require.Error(t, h.Connect(t.Context(), peer.AddrInfo{ID: stranger.ID(), Addrs: stranger.Addrs()}))
	_ = stranger.Connect(t.Context(), info) // the other side may close it a moment later
	require.Empty(t, h.Network().ConnsToPeer(stranger.ID()))
	require.Len(t, h.Network().Peers(), 1)

	local := newHost(t, rules(t, []string{"192.0.2.0/24"}, nil))
	require.Error(t, friend.Connect(t.Context(), peer.AddrInfo{ID: local.ID(), Addrs: local.Addrs()}))
}

func TestInvalidEntriesAreNamed(t *testing.T) {
	for _, text := range []string{"", "nobody", "192.0.2.0/99", "192.0.2", "panacea1x", "/ip4/192.0.2.1/tcp/1"} {
		_, err := access.NewRules(nil, []string{text})
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
		require.ErrorContains(t, err, "p2p.deny")
	}
}

func FuzzParseList(f *testing.F) {
	f.Add(one)
	f.Add("192.0.2.0/24")
	f.Add(account)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := access.ParseList([]string{text})
		if err == nil {
			require.Equal(t, 1, l.Len())
		}
	})
}
