package validation_test

import (
	"context"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation"
)

func (p *pair) gauge(t *testing.T, name string) float64 {
	t.Helper()
	families, err := p.metrics.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	require.Fail(t, "no such metric", name)
	return 0
}

func TestLoad(t *testing.T) {
	p := newPair(t, answering(verdict{}, nil), func(c *validation.Config) {
		c.Load = func() validation.Load { return validation.Load{Running: 1, Waiting: 2, Certifying: 3} }
	})
	require.EqualValues(t, 1, p.gauge(t, "pdx_validation_running_jobs"))
	require.EqualValues(t, 2, p.gauge(t, "pdx_validation_waiting_jobs"))
	require.EqualValues(t, 3, p.gauge(t, "pdx_validation_certifying_jobs"))
}

func TestServerConfig(t *testing.T) {
	good := config(answering(verdict{}, nil))
	good.Host = newHost(t)
	for name, spoil := range map[string]func(*validation.Config){
		"host": func(c *validation.Config) { c.Host = nil }, "chain": func(c *validation.Config) { c.ChainID = "" },
		"handler": func(c *validation.Config) { c.Handler = nil }, "account": func(c *validation.Config) { c.Account = nil },
		"load": func(c *validation.Config) { c.Load = nil }, "slots": func(c *validation.Config) { c.SlotsEach = 0 },
		"fewer slots than each": func(c *validation.Config) { c.Slots = 1 },
	} {
		c := good
		spoil(&c)
		_, err := validation.NewServer(c)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
	_, err := validation.NewServer(good)
	require.NoError(t, err)
}

// A stranger is answered by what is wrong with its account, and the handler is not
// asked.
func TestStrangers(t *testing.T) {
	for name, c := range map[string]struct{ account, want error }{
		"proves none":     {pdx.ErrRefused, pdx.ErrRefused},
		"cannot be asked": {pdx.ErrUnavailable, pdx.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			h := answering(verdict{Accepted: true}, nil)
			h.admit = func(context.Context, validation.Asker, pdx.DealID) error {
				t.Error("a stranger was admitted")
				return nil
			}
			p := newPair(t, h, func(conf *validation.Config) {
				conf.Account = func(context.Context, peer.ID) (pdx.Address, error) { return "", c.account }
			})
			_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, "who is asking")
			require.Zero(t, h.calls.Load())
		})
	}
}
