package validation_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/p2p/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const chainID = "panacea-test-1"

// newHost is a host on loopback that speaks Noise over TCP.
func newHost(t *testing.T) host.Host {
	t.Helper()
	h, err := libp2p.New(
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay(), libp2p.DisableMetrics(),
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// handler is a Handler made of functions.
type handler struct {
	admit    func(ctx context.Context, asker validation.Asker, deal pdx.DealID) error
	validate func(ctx context.Context, asker validation.Asker, r validation.Request, progress func(pdx.Progress)) (pdx.Verdict, error)
	calls    atomic.Int32
}

func (h *handler) Admit(ctx context.Context, asker validation.Asker, deal pdx.DealID) error {
	if h.admit == nil {
		return nil
	}
	return h.admit(ctx, asker, deal)
}

func (h *handler) Validate(
	ctx context.Context, asker validation.Asker, r validation.Request, progress func(pdx.Progress),
) (pdx.Verdict, error) {
	h.calls.Add(1)
	return h.validate(ctx, asker, r, progress)
}

// pair is a validator's server and a seller's client on two hosts.
type pair struct {
	server  *stream.Server
	client  *validation.Client
	handler *handler
	here    host.Host // the seller's
	there   host.Host
	metrics *prometheus.Registry
}

// config is that of a server over a queue of the default size.
func config(h *handler) validation.Config {
	return validation.Config{
		ChainID: chainID, Handler: h, Slots: 66, SlotsEach: 16, Load: func() validation.Load { return validation.Load{} },
		Account: func(_ context.Context, id peer.ID) (pdx.Address, error) { return accountOf(id), nil },
	}
}

// accountOf is the account that each peer of these tests speaks for.
func accountOf(id peer.ID) pdx.Address { return pdx.Address("account of " + id.String()) }

// newPair starts a server; a validation is quick to notice silence.
func newPair(t *testing.T, h *handler, change ...func(*validation.Config)) *pair {
	t.Helper()
	p := &pair{handler: h, there: newHost(t), metrics: prometheus.NewRegistry()}
	c := config(h)
	c.Host, c.Registerer = p.there, p.metrics
	for _, f := range change {
		f(&c)
	}
	server, err := validation.NewQuickServer(c, 20*time.Millisecond, 2*time.Second)
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	p.server = server
	p.here, p.client = p.asker(t)
	return p
}

// asker is another seller.
func (p *pair) asker(t *testing.T) (host.Host, *validation.Client) {
	t.Helper()
	h := newHost(t)
	h.Peerstore().AddAddrs(p.there.ID(), p.there.Addrs(), time.Hour)
	client := validation.NewClient(h, chainID)
	client.GiveUpAfter(4 * time.Second)
	return h, client
}

// ask asks about a deal from a goroutine of its own.
func (p *pair) ask(ctx context.Context, client *validation.Client, deal pdx.DealID) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := client.Ask(ctx, p.there.ID(), testRequest(deal), nil)
		done <- err
	}()
	return done
}

// raw opens a stream that the test fills itself.
func (p *pair) raw(t *testing.T) network.Stream {
	t.Helper()
	s, err := p.here.NewStream(t.Context(), p.there.ID(), validation.Protocol(chainID))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Reset() })
	require.NoError(t, s.SetDeadline(time.Now().Add(10*time.Second)))
	return s
}

// requireCounted waits until so many requests ended so: an answer is counted just
// after it was sent.
func (p *pair) requireCounted(t *testing.T, want int, outcome string) {
	t.Helper()
	require.Eventually(t, func() bool { return p.counted(t, outcome) == float64(want) }, 10*time.Second, time.Millisecond,
		"%d requests that ended as %s", want, outcome)
}

// counted is the value of the requests metric for an outcome.
func (p *pair) counted(t *testing.T, outcome string) float64 {
	t.Helper()
	families, err := p.metrics.Gather()
	require.NoError(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "pdx_validation_requests_total" && m.GetLabel()[0].GetValue() == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		require.Fail(t, "nothing came")
	}
	panic("unreachable")
}
