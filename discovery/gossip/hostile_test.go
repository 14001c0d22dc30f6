package gossip_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/discovery/identity"
)

// Each lie is told by a peer that may also speak the truth, so that its last,
// true notice shows that it was heard all along.
func TestLiesAreNotHeard(t *testing.T) {
	lies := map[string]func(*testing.T, hostile) *discoverypb.Notice{
		"wrong role": func(t *testing.T, x hostile) *discoverypb.Notice { return x.offered(t, bob, 1) },
		"wrong pool": func(t *testing.T, x hostile) *discoverypb.Notice {
			n := x.offered(t, mallory, 1)
			n.PoolId = 8
			return n
		},
		"another's binding": func(t *testing.T, x hostile) *discoverypb.Notice {
			n := x.offered(t, alice, 1)
			b, err := identity.Bind(alice, identity.Terms{ChainID: chain, Peer: "alice's peer"}, time.Now())
			require.NoError(t, err)
			n.Binding = b
			return n
		},
		"forged binding": func(t *testing.T, x hostile) *discoverypb.Notice {
			n := x.offered(t, mallory, 1)
			n.Binding.Account = string(alice.Account())
			return n
		},
		"too large": func(t *testing.T, x hostile) *discoverypb.Notice {
			n := x.offered(t, mallory, 1)
			n.Binding.Nonce = make([]byte, 2048)
			return n
		},
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			l := market()
			l.set(mallory, pdx.RoleSeller, gossip.Holds)
			x, h := newHostile(t), newHost(t)
			s := join(t, start(t, h, bob, l, nil), pool)
			connect(t, x.host, h)
			sees(t, s, 1)
			x.hears(t)

			x.say(t, lie(t, x))
			x.say(t, x.offered(t, mallory, 2))
			require.Equal(t, gossip.Offered{Deal: 2}, next(t, s).Body)
			silent(t, s)
		})
	}
}

// A frame beyond the limit of the mesh costs its sender the stream.
func TestHugeMessagesEndTheStream(t *testing.T) {
	l := market()
	l.set(mallory, pdx.RoleSeller, gossip.Holds)
	x, h := newHostile(t), newHost(t)
	s := join(t, start(t, h, bob, l, nil), pool)
	connect(t, x.host, h)
	sees(t, s, 1)
	x.hears(t)
	n := x.offered(t, mallory, 1)
	n.Binding.Nonce = make([]byte, 200<<10)
	x.say(t, n)
	silent(t, s)
}

// A peer that goes on lying is not heard any more, even when it is right.
func TestLiarsAreSilenced(t *testing.T) {
	l := market()
	l.set(mallory, pdx.RoleSeller, gossip.Holds)
	x, h := newHostile(t), newHost(t)
	s := join(t, start(t, h, bob, l, nil), pool)
	connect(t, x.host, h)
	sees(t, s, 1)
	x.hears(t)
	x.say(t, x.offered(t, mallory, 1))
	require.Equal(t, gossip.Offered{Deal: 1}, next(t, s).Body)
	for range 8 {
		x.say(t, x.offered(t, carol, 2)) // carol sells nothing
	}
	silent(t, s)
	x.say(t, x.offered(t, mallory, 3))
	silent(t, s)
}
