package relaying

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
)

// world is everything that Relaying asks.
type world struct {
	host.Host // nil: only the methods below are called
	seen      network.Reachability
	named     bool
	staked    bool
	addrs     []multiaddr.Multiaddr
	announced bool
	greeted   []peer.ID
}

func (w *world) ID() peer.ID                         { return "self" }
func (w *world) Addrs() []multiaddr.Multiaddr        { return w.addrs }
func (w *world) IDService() identify.IDService       { return nil }
func (w *world) AnnounceRelay(context.Context) error { w.announced = true; return nil }
func (w *world) WithdrawRelay(context.Context) error { w.announced = false; return nil }
func (w *world) FindRelays(context.Context) ([]peer.AddrInfo, error) {
	return []peer.AddrInfo{{ID: "other"}}, nil
}
func (w *world) Known(peer.ID) (pdx.Address, bool) { return "", false }
func (w *world) Introduce(_ context.Context, id peer.ID) error {
	w.greeted = append(w.greeted, id)
	return nil
}

func (w *world) Validator(context.Context, pdx.Address) (pdx.Validator, error) {
	if !w.staked {
		return pdx.Validator{}, pdx.ErrNotFound
	}
	return pdx.Validator{Status: pdx.ValidatorBonded}, nil
}

func (w *world) Pools(context.Context, pdx.PoolFilter) ([]pdx.Pool, string, error) {
	return nil, "", nil
}

func (w *world) Deals(context.Context, pdx.DealFilter) ([]pdx.Deal, string, error) {
	return nil, "", nil
}

func (w *world) relaying(t *testing.T, change func(*Config)) *Relaying {
	t.Helper()
	c := Config{
		Host: w, Settings: config.Default("").Relay, Account: "me", Ledger: w, Network: w, Hello: w, Log: slog.New(slog.DiscardHandler),
		Reachability: func() network.Reachability { return w.seen }, Registered: func() bool { return w.named },
		Validators: func(context.Context) ([]peer.AddrInfo, error) { return []peer.AddrInfo{{ID: "validator"}}, nil },
	}
	if change != nil {
		change(&c)
	}
	r, err := New(c)
	require.NoError(t, err)
	return r
}

func TestWhoRelays(t *testing.T) {
	for _, c := range []struct {
		serve string
		named bool
		seen  network.Reachability
		want  bool
	}{
		{"auto", true, network.ReachabilityPublic, true},
		{"auto", true, network.ReachabilityUnknown, false},
		{"auto", true, network.ReachabilityPrivate, false},
		{"auto", false, network.ReachabilityPublic, false},
		{"on", false, network.ReachabilityUnknown, true},
		{"off", true, network.ReachabilityPublic, false},
	} {
		w := &world{named: c.named, seen: c.seen}
		r := w.relaying(t, func(cfg *Config) { cfg.Settings.Serve = c.serve })
		require.Equal(t, c.want, r.Serves(), fmt.Sprintf("%+v", c))
	}
}

func TestWhomANodeAsks(t *testing.T) {
	public := []multiaddr.Multiaddr{multiaddr.StringCast("/ip4/45.1.1.1/tcp/1")}
	private := []multiaddr.Multiaddr{multiaddr.StringCast("/ip4/192.168.1.1/tcp/1")}
	ids := func(w *world, change func(*Config)) (list []peer.ID) {
		for _, info := range w.relaying(t, change).candidates(t.Context(), 5) {
			list = append(list, info.ID)
		}
		return list
	}
	home := func() *world { return &world{staked: true, addrs: private} }
	require.Equal(t, []peer.ID{"validator", "other"}, ids(home(), nil), "without a public address no proof is needed that nobody reaches it")
	require.Equal(t, []peer.ID{"validator"}, ids(home(), func(c *Config) { c.Unlisted = true }))
	require.Equal(t, []peer.ID{"validator"}, ids(home(), func(c *Config) { c.Settings.Use = config.RelayValidators }))
	require.Empty(t, ids(&world{addrs: private}, nil), "nothing at stake")
	poor := (&world{addrs: private}).relaying(t, nil)
	require.ErrorIs(t, poor.LastEntitled(), pdx.ErrUnavailable)
	poor.candidates(t.Context(), 5)
	require.ErrorIs(t, poor.LastEntitled(), pdx.ErrRefused)
	require.Empty(t, ids(&world{staked: true, addrs: public}, nil), "whether it is reachable is not known yet")
	require.Empty(t, ids(&world{staked: true, addrs: private, seen: network.ReachabilityPublic}, nil))
	require.NotEmpty(t, ids(&world{staked: true, addrs: public, seen: network.ReachabilityPrivate}, nil))
	r := (&world{staked: true, addrs: public}).relaying(t, nil)
	r.began = time.Now().Add(-unknownTime - time.Second)
	require.NotEmpty(t, r.candidates(t.Context(), 5), "it may never be known")
}

func TestWhoIsGreetedBeforeACircuit(t *testing.T) {
	greeted := func(w *world, change func(*Config)) []peer.ID {
		r := w.relaying(t, change)
		r.BeforeCircuit(t.Context(), "validator")
		r.BeforeCircuit(t.Context(), "stranger")
		return w.greeted
	}
	require.Equal(t, []peer.ID{"validator", "stranger"}, greeted(&world{staked: true}, nil))
	require.Equal(t, []peer.ID{"validator"}, greeted(&world{staked: true}, func(c *Config) { c.Unlisted = true }))
	require.Empty(t, greeted(&world{}, nil), "a node that only looks around names its account to nobody")
	require.Empty(t, greeted(&world{staked: true}, func(c *Config) { c.Settings.Use = config.RelayOff }))
}
