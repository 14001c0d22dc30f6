package validation_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"testing"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/node/validation/validationpb"
)

func TestHostileRequests(t *testing.T) {
	p := newPair(t, answering(verdict{Accepted: true}, nil))
	for name, raw := range map[string][]byte{
		"garbage":       bytes.Repeat([]byte{0xff}, 100),
		"huge frame":    binary.AppendUvarint(nil, 1<<40),
		"empty frame":   {0},
		"other message": marshal(t, &validationpb.Progress{Stage: 1, Message: "hello"}),
		"half a frame":  validation.EncodeRequest(testRequest(1))[:20],
		"nothing":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := p.raw(t)
			_, err := s.Write(raw)
			require.NoError(t, err)
			answer, err := io.ReadAll(s)
			require.ErrorIs(t, err, network.ErrReset)
			require.Empty(t, answer)
		})
	}
	require.Zero(t, p.handler.calls.Load())
	p.requireCounted(t, 6, "invalid")
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
	require.NoError(t, err, "others are served")
}

// An asker that never takes its answer is cut off and holds nothing.
func TestAskerThatDoesNotListen(t *testing.T) {
	p := newPair(t, answering(verdict{Accepted: true}, nil))
	s := p.raw(t)
	_, err := s.Write(validation.EncodeRequest(testRequest(1)))
	require.NoError(t, err)
	p.requireCounted(t, 1, "accepted")
	require.NoError(t, p.server.Stop(t.Context()))
}

func TestHostileValidators(t *testing.T) {
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"silence":        {nil, pdx.ErrUnavailable},
		"garbage":        {bytes.Repeat([]byte{0xff}, 100), validation.ErrProtocol},
		"huge frame":     {binary.AppendUvarint(nil, validation.MaxProgress+1), validation.ErrProtocol},
		"no verdict":     {marshal(t, &validationpb.Progress{Stage: validationpb.Stage_STAGE_DONE}), validation.ErrProtocol},
		"unknown stage":  {marshal(t, &validationpb.Progress{Stage: 77}), validation.ErrProtocol},
		"half a verdict": {validation.EncodeVerdict(verdict{Accepted: true})[:10], pdx.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, answering(verdict{}, nil))
			hold := make(chan struct{})
			defer close(hold)
			p.there.SetStreamHandler(validation.Protocol(chainID), func(s network.Stream) {
				_, _ = s.Write(c.raw)
				<-hold
				_ = s.Reset()
			})
			_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
			require.ErrorIs(t, err, c.want)
		})
	}
}

func TestPanicEndsOneStreamOnly(t *testing.T) {
	p := newPair(t, &handler{validate: func(_ context.Context, _ validation.Asker, r request, _ progress) (verdict, error) {
		if r.Deal == 13 {
			panic("unlucky")
		}
		return verdict{Accepted: true}, nil
	}})
	for range 3 { // its place in the queue is given back
		_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(13), nil)
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		require.NotErrorIs(t, err, validation.ErrBusy)
		require.NotContains(t, err.Error(), "unlucky")
	}
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
	require.NoError(t, err)
	p.requireCounted(t, 3, "panic")
}

func TestRateLimit(t *testing.T) {
	p := newPair(t, answering(verdict{Accepted: true}, nil))
	var limited int
	for range validation.Burst + 20 {
		if _, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil); err != nil {
			require.ErrorIs(t, err, pdx.ErrUnavailable)
			limited++
		}
	}
	require.Positive(t, limited)
	p.requireCounted(t, limited, "limited")
}

func TestMetrics(t *testing.T) {
	p := newPair(t, answering(verdict{Accepted: true}, nil))
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
	require.NoError(t, err)
	p.requireCounted(t, 1, "accepted")
	families, err := p.metrics.Gather()
	require.NoError(t, err)
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	require.Equal(t, []string{
		"pdx_validation_certifying_jobs", "pdx_validation_requests_total",
		"pdx_validation_running_jobs", "pdx_validation_waiting_jobs",
	}, names)
}
