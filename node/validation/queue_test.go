package validation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation"
)

func TestSameDealTwice(t *testing.T) {
	h, started, _, letGo := waiting()
	p := newPair(t, h)
	first := p.ask(t.Context(), p.client, 1)
	receive(t, started)
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "already")
	close(letGo)
	require.NoError(t, receive(t, first))
	_, err = p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
	require.NoError(t, err, "and again when it is done")
}

func TestQueue(t *testing.T) {
	h, started, _, letGo := waiting()
	p := newPair(t, h, validation.WithWorkers(1, 3)) // four places, one for each asker
	askers := []*validation.Client{p.client}
	for range 4 {
		_, client := p.asker(t)
		askers = append(askers, client)
	}
	done := []<-chan error{p.ask(t.Context(), askers[0], 1)}
	require.EqualValues(t, 1, receive(t, started))
	for i := range 3 {
		done = append(done, p.ask(t.Context(), askers[i+1], pdx.DealID(i+2)))
		require.Eventually(t, func() bool { return p.gauge(t, "pdx_validation_waiting_jobs") == float64(i+1) }, 10*time.Second, time.Millisecond)
	}
	_, err := askers[0].Ask(t.Context(), p.there.ID(), testRequest(9), nil)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "of yours")
	_, err = askers[4].Ask(t.Context(), p.there.ID(), testRequest(9), nil)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "4 validations are in work")
	p.requireCounted(t, 2, "busy")
	require.Empty(t, started, "one works at a time")

	for range 4 {
		letGo <- struct{}{}
	}
	for _, d := range done {
		require.NoError(t, receive(t, d))
	}
	for want := range 3 {
		require.EqualValues(t, want+2, receive(t, started), "who waited longest is next")
	}
}

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

func TestServerConfig(t *testing.T) {
	h := newHost(t)
	for name, opts := range map[string][]validation.Option{"workers": {validation.WithWorkers(0, 1)}, "queue": {validation.WithWorkers(1, -1)}} {
		_, err := validation.NewServer(h, chainID, answering(verdict{}, nil), opts...)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
	_, err := validation.NewServer(h, "", answering(verdict{}, nil))
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = validation.NewServer(h, chainID, nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
