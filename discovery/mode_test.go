package discovery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

const kadProtocol = protocol.ID("/pdx/" + chainID + "/kad/1.0.0")

// reporter reports a host's reachability, as AutoNAT does.
func reporter(t *testing.T, h host.Host) func(network.Reachability) {
	t.Helper()
	emitter, err := h.EventBus().Emitter(new(event.EvtLocalReachabilityChanged), eventbus.Stateful)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emitter.Close()) })
	return func(r network.Reachability) {
		require.NoError(t, emitter.Emit(event.EvtLocalReachabilityChanged{Reachability: r}))
	}
}

func auto(o *discovery.Options) { o.Mode = "" }

// serves waits until a host's DHT handler and what its discovery says are as wanted.
func serves(t *testing.T, h host.Host, d *discovery.Discovery, want bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		return d.DHTState().Serves == want && slices.Contains(h.Mux().Protocols(), kadProtocol) == want
	}, patience, glance, "serves: %v", want)
}

func TestServesWhileReachable(t *testing.T) {
	h := newHost(t)
	report := reporter(t, h)
	d := start(t, h, auto)
	serves(t, h, d, false)
	require.Equal(t, discovery.ModeAuto, d.DHTState().Mode)
	for _, r := range []network.Reachability{
		network.ReachabilityPublic, network.ReachabilityPrivate, network.ReachabilityPublic, network.ReachabilityUnknown,
	} {
		report(r)
		serves(t, h, d, r == network.ReachabilityPublic)
		require.Equal(t, r, d.DHTState().Reachability)
	}
	report(network.ReachabilityPublic)
	serves(t, h, d, true)
	require.NoError(t, d.Stop(t.Context()))
	require.NotContains(t, h.Mux().Protocols(), kadProtocol, "a stopped discovery serves nobody")
}

// The host may have reported before discovery starts, and then says no more.
func TestAReportOfBeforeCounts(t *testing.T) {
	h := newHost(t)
	reporter(t, h)(network.ReachabilityPublic)
	d := start(t, h, auto)
	serves(t, h, d, true)
}

// Two nodes that nothing makes servers find each other as soon as one is
// reachable: the other's routing table and search follow by themselves.
func TestFindsBySomebodyWhoBecameReachable(t *testing.T) {
	hub, seller, buyer := newHost(t), newHost(t), newHost(t)
	report := reporter(t, hub)
	start(t, hub, auto)
	s := start(t, seller, func(o *discovery.Options) { auto(o); knows(hub)(o) })
	require.NoError(t, s.Announce(t.Context(), 7, pdx.RoleSeller))
	b := start(t, buyer, func(o *discovery.Options) { auto(o); knows(hub)(o) })
	require.Eventually(t, func() bool { return connected(seller, hub) && connected(buyer, hub) }, patience, glance)
	require.Zero(t, s.Peers()+b.Peers())
	report(network.ReachabilityPublic)
	finds(t, b, 7, pdx.RoleSeller, seller)
	report(network.ReachabilityPrivate)
	require.Eventually(t, func() bool { return s.Peers()+b.Peers() == 0 }, patience, glance)
}

func connected(a, b host.Host) bool {
	return a.Network().Connectedness(b.ID()) == network.Connected
}

func TestObligedServesUnreachable(t *testing.T) {
	h := newHost(t)
	report := reporter(t, h)
	report(network.ReachabilityPrivate)
	opt := discovery.Options{ChainID: chainID, LocalNetwork: true}
	d, err := discovery.New(h, opt)
	require.NoError(t, err)
	d.Oblige(true) // before the start, as the chain may be quicker
	require.NotContains(t, h.Mux().Protocols(), kadProtocol)
	require.NoError(t, d.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, d.Stop(t.Context())) })
	serves(t, h, d, true)
	d.Oblige(false)
	serves(t, h, d, false)
	d.Oblige(true)
	serves(t, h, d, true)
	require.True(t, d.DHTState().Obliged)
}

func TestModesThatAreSet(t *testing.T) {
	client, server := newHost(t), newHost(t)
	report := reporter(t, client)
	c := start(t, client, func(o *discovery.Options) { o.Mode = discovery.ModeClient })
	report(network.ReachabilityPublic)
	require.Eventually(t, func() bool { return c.DHTState().Reachability == network.ReachabilityPublic }, patience, glance)
	c.Oblige(true)
	serves(t, client, c, false)

	s := start(t, server, func(o *discovery.Options) { o.Mode = discovery.ModeServer })
	reporter(t, server)(network.ReachabilityPrivate)
	require.Eventually(t, func() bool { return s.DHTState().Reachability == network.ReachabilityPrivate }, patience, glance)
	serves(t, server, s, true)
}

// A node that stops serving resets the streams on which it was asked.
func TestStreamsEndWithTheServing(t *testing.T) {
	h, asker := newHost(t), newHost(t)
	d := start(t, h, auto)
	d.Oblige(true)
	serves(t, h, d, true)
	require.NoError(t, asker.Connect(t.Context(), infos(h)[0]))
	s, err := asker.NewStream(t.Context(), h.ID(), kadProtocol)
	require.NoError(t, err)
	_, err = s.Write([]byte{1}) // half a message: the DHT waits for the rest
	require.NoError(t, err)
	require.Eventually(t, func() bool { return inbound(h) == 1 }, patience, glance)
	d.Oblige(false)
	require.NoError(t, s.SetReadDeadline(time.Now().Add(patience)))
	_, err = s.Read(make([]byte, 1))
	require.ErrorIs(t, err, network.ErrReset)
}

// inbound counts the streams on which a host is asked by the DHT's protocol.
func inbound(h host.Host) (n int) {
	for _, c := range h.Network().Conns() {
		for _, s := range c.GetStreams() {
			if s.Protocol() == kadProtocol {
				n++
			}
		}
	}
	return n
}

func TestParseMode(t *testing.T) {
	for text, want := range map[string]discovery.Mode{
		"": discovery.ModeAuto, "auto": discovery.ModeAuto, "server": discovery.ModeServer, "client": discovery.ModeClient,
	} {
		got, err := discovery.ParseMode(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := discovery.ParseMode("Server")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = discovery.New(newHost(t), discovery.Options{ChainID: chainID, Mode: "both"})
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
