package addrgroup_test

import (
	"testing"

	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/addrgroup"
)

func TestGroups(t *testing.T) {
	for text, want := range map[string]string{
		"/ip4/8.8.8.8/tcp/1":                     "8.8.8.8/32",
		"/ip6/::ffff:8.8.8.8/tcp/1":              "8.8.8.8/32",
		"/ip6/2001:db8:1:2ff:3::4/udp/1/quic-v1": "2001:db8:1:200::/56",
		"/dns4/example.org/tcp/1":                "invalid Prefix",
		"/ip4/8.8.4.4/tcp/1/p2p/12D3KooWB7isr6Mb6WaeTKpZDkViJxbLepe1Jhd1Wo5cTXh8VeAF/p2p-circuit": "8.8.4.4/32",
	} {
		require.Equal(t, want, addrgroup.Of(ma.StringCast(text)).String())
	}
	require.Equal(t, "invalid Prefix", addrgroup.Of(nil).String())
}
