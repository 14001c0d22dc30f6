package validation_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation"
)

const burst = 150

// certifying is a handler that reaches its verdicts at once and certifies all that
// wait with each block.
func certifying(block time.Duration) (h *handler, stop func()) {
	var mu sync.Mutex
	made := make(chan struct{})
	tick := time.NewTicker(block)
	over := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		for {
			select {
			case <-tick.C:
				mu.Lock()
				close(made)
				made = make(chan struct{})
				mu.Unlock()
			case <-over:
				return
			}
		}
	})
	h = &handler{validate: func(ctx context.Context, _ validation.Asker, _ request, report progress) (verdict, error) {
		report(pdx.Progress{Stage: pdx.StageCertifying})
		mu.Lock()
		block := made
		mu.Unlock()
		select {
		case <-block:
			return verdict{Accepted: true}, nil
		case <-ctx.Done():
			return verdict{}, ctx.Err()
		}
	}}
	return h, func() { tick.Stop(); close(over); work.Wait() }
}

// With production limits, 150 questions of one asker are all answered, none of
// them is refused for the rate of its address, and slots are free while verdicts
// wait for a block.
func TestBurstOfOneAsker(t *testing.T) {
	h, stop := certifying(time.Second)
	defer stop()
	p := newPair(t, h)
	slots := make(chan struct{}, 16)
	var work sync.WaitGroup
	answered := make(chan error, burst)
	flying := make(chan struct{}, 48)
	for deal := range pdx.DealID(burst) {
		flying <- struct{}{}
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-flying }()
			free := sync.OnceFunc(func() { <-slots })
			defer free()
			_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(deal+1), func(now pdx.Progress) {
				if now.Slots != 16 {
					t.Errorf("%d slots are advertised", now.Slots)
				}
				if now.Stage == pdx.StageCertifying {
					free()
				}
			})
			answered <- err
		})
	}
	work.Wait()
	for range burst {
		require.NoError(t, <-answered)
	}
	p.requireCounted(t, burst, "accepted")
	require.Zero(t, p.counted(t, "limited"))
	require.Zero(t, p.counted(t, "busy"))
}

// An asker leaves with a verdict that waits for a block: its stream is free while
// the certificate is on its way, however many there are, and it counts as answered.
func TestAskerLeavesWithTheVerdict(t *testing.T) {
	want := verdict{Reason: pdx.RejectCriteria, Report: [32]byte{9}, Findings: []pdx.Finding{{Record: 3, Path: "/id", Rule: "required"}}}
	h := &handler{validate: func(ctx context.Context, _ validation.Asker, _ request, report progress) (verdict, error) {
		report(pdx.Progress{Stage: pdx.StageCertifying, Verdict: &want})
		<-ctx.Done() // no block ever comes
		return verdict{}, ctx.Err()
	}}
	p := newPair(t, h)
	for deal := range pdx.DealID(burst) {
		got, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(deal+1), nil)
		require.NoError(t, err)
		require.True(t, got.Pending)
		got.Pending = false
		require.Equal(t, want, got)
	}
	p.requireCounted(t, burst, "rejected")
	require.Zero(t, p.counted(t, "limited"))
	require.Zero(t, p.counted(t, "busy"))
}

// Who asks too much at once is told when to ask again, and that it is no fault of
// the deal.
func TestBusyAnswerSaysWhen(t *testing.T) {
	p := newPair(t, answering(verdict{}, fmt.Errorf("%w: 16 of your deals are in work", validation.ErrBusy)))
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(99), nil)
	var busy *validation.BusyError
	require.ErrorAs(t, err, &busy)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "16 of your deals")
	require.Equal(t, time.Second, busy.After)
	require.Equal(t, 16, busy.Slots)
	require.NotErrorIs(t, err, validation.ErrUnreachable)
	p.requireCounted(t, 1, "busy")
}

// An address that asks too often without ever bringing a certificate about is
// limited, and its asker knows why; a certificate gives the token back.
func TestRateOfAnAddress(t *testing.T) {
	p := newPair(t, answering(verdict{Accepted: true}, nil))
	limited := 0
	for deal := range pdx.DealID(2 * validation.Burst) {
		_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(deal+1), nil)
		var busy *validation.BusyError
		if err != nil {
			require.True(t, errors.As(err, &busy), "%v", err)
			limited++
		}
	}
	require.Positive(t, limited)
	p.requireCounted(t, limited, "limited")

	h := &handler{validate: func(_ context.Context, _ validation.Asker, _ request, report progress) (verdict, error) {
		report(pdx.Progress{Stage: pdx.StageCertifying})
		return verdict{Accepted: true}, nil
	}}
	p = newPair(t, h)
	for deal := range pdx.DealID(2 * validation.Burst) {
		_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(deal+1), nil)
		require.NoError(t, err, "request %d", deal)
	}
}

// A validator that cannot be reached is told from one that is busy.
func TestUnreachableIsNotBusy(t *testing.T) {
	p := newPair(t, answering(verdict{Accepted: true}, nil))
	require.NoError(t, p.server.Stop(t.Context()))
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
	require.ErrorIs(t, err, validation.ErrUnreachable)
	require.NotErrorIs(t, err, validation.ErrBusy)
}
