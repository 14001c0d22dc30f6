package validation_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation"
)

type (
	request  = validation.Request
	progress = func(pdx.Progress)
	verdict  = pdx.Verdict
)

// answering gives the same answer to everybody at once.
func answering(v verdict, err error) *handler {
	return &handler{validate: func(context.Context, validation.Asker, request, progress) (verdict, error) { return v, err }}
}

func TestAsk(t *testing.T) {
	rejected := verdict{
		Reason: pdx.RejectCriteria, Report: [32]byte{9},
		Findings: []pdx.Finding{{Record: 3, Path: "/birthDate", Rule: "schema/format"}},
	}
	for name, want := range map[string]verdict{"accepted": {Accepted: true, Report: [32]byte{1, 2}}, "rejected": rejected} {
		t.Run(name, func(t *testing.T) {
			var p *pair
			seen := make(chan pdx.Stage) // lets the handler go on when a stage was seen
			p = newPair(t, &handler{validate: func(ctx context.Context, asker validation.Asker, r request, report progress) (verdict, error) {
				if asker != (validation.Asker{Peer: p.here.ID(), Account: accountOf(p.here.ID())}) || r != testRequest(3) {
					return verdict{}, fmt.Errorf("%w: not what was asked", pdx.ErrRefused)
				}
				for _, stage := range []pdx.Stage{pdx.StagePulling, pdx.StageChecking, pdx.StageCertifying} {
					report(pdx.Progress{Stage: stage, Done: 1, Total: 2, Message: "x"})
					for got := pdx.Stage(""); got != stage; {
						got = <-seen
					}
				}
				return want, nil
			}})
			var stages []pdx.Stage
			got, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(3), func(now pdx.Progress) {
				if n := len(stages); n == 0 || stages[n-1] != now.Stage {
					stages = append(stages, now.Stage)
				}
				if now.Stage != pdx.StageQueued {
					select {
					case seen <- now.Stage:
					case <-time.After(10 * time.Millisecond): // a repetition
					}
				}
			})
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.Equal(t, []pdx.Stage{pdx.StagePulling, pdx.StageChecking, pdx.StageCertifying}, stages[len(stages)-3:])
			p.requireCounted(t, 1, name)
		})
	}
}

func TestAnswersThatAreErrors(t *testing.T) {
	for name, c := range map[string]struct{ err, want error }{
		"refused":     {fmt.Errorf("%w: the proof does not hold", pdx.ErrRefused), pdx.ErrRefused},
		"wrong state": {fmt.Errorf("%w: the deal has lapsed", pdx.ErrWrongState), pdx.ErrRefused},
		"unavailable": {fmt.Errorf("%w: the seller does not answer", pdx.ErrUnavailable), pdx.ErrUnavailable},
		"not yet":     {fmt.Errorf("%w: no such deal", pdx.ErrNotFound), pdx.ErrUnavailable},
		"busy":        {validation.ErrBusy, pdx.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, answering(verdict{}, c.err))
			_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.err.Error())
		})
	}
}

func TestAdmitIsAskedFirst(t *testing.T) {
	h := answering(verdict{Accepted: true}, nil)
	h.admit = func(_ context.Context, _ validation.Asker, deal pdx.DealID) error {
		return fmt.Errorf("%w: deal %v is somebody else's", pdx.ErrRefused, deal)
	}
	p := newPair(t, h)
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(4), nil)
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.ErrorContains(t, err, "deal 4 is somebody else's")
	require.Zero(t, h.calls.Load())
}

func TestNobodyThere(t *testing.T) {
	p := newPair(t, answering(verdict{Accepted: true}, nil))
	require.NoError(t, p.server.Stop(t.Context()))
	_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), nil)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	_, err = p.client.Ask(t.Context(), peer.ID("12D3nobody"), testRequest(1), nil)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
}

// waiting is a handler whose validations last until they are let go.
func waiting() (h *handler, started chan pdx.DealID, ended chan error, letGo chan struct{}) {
	started, ended, letGo = make(chan pdx.DealID, 100), make(chan error, 100), make(chan struct{})
	return &handler{validate: func(ctx context.Context, _ validation.Asker, r request, _ progress) (verdict, error) {
		started <- r.Deal
		select {
		case <-ctx.Done():
			ended <- ctx.Err()
			return verdict{}, ctx.Err()
		case <-letGo:
			ended <- nil
			return verdict{Accepted: true}, nil
		}
	}}, started, ended, letGo
}

func TestWorkEndsWhenTheAskerGoes(t *testing.T) {
	h, started, ended, _ := waiting()
	p := newPair(t, h)
	t.Run("by its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := p.ask(ctx, p.client, 1)
		receive(t, started)
		cancel()
		require.ErrorIs(t, receive(t, ended), context.Canceled)
		require.ErrorIs(t, receive(t, done), context.Canceled)
	})
	deal := pdx.DealID(1)
	for name, end := range map[string]func(network.Stream){
		"by saying more":   func(s network.Stream) { _, _ = s.Write([]byte{0}) },
		"by closing":       func(s network.Stream) { _ = s.CloseWrite() },
		"by a reset":       func(s network.Stream) { _ = s.Reset() },
		"by disconnecting": func(network.Stream) { _ = p.here.Network().ClosePeer(p.there.ID()) },
	} {
		deal++ // the one before may not have left its place yet
		t.Run(name, func(t *testing.T) {
			s := p.raw(t)
			_, err := s.Write(validation.EncodeRequest(testRequest(deal)))
			require.NoError(t, err)
			receive(t, started)
			end(s)
			require.ErrorIs(t, receive(t, ended), context.Canceled)
		})
	}
}

func TestKeepAlive(t *testing.T) {
	h, started, _, letGo := waiting()
	p := newPair(t, h)
	var frames atomic.Int32
	heard := make(chan struct{}, 1)
	done := make(chan error, 1)
	go func() {
		_, err := p.client.Ask(t.Context(), p.there.ID(), testRequest(1), func(pdx.Progress) {
			if frames.Add(1) == 40 { // 40 × 20 ms is twice the silence that the client stands
				heard <- struct{}{}
			}
		})
		done <- err
	}()
	receive(t, started)
	receive(t, heard)
	close(letGo)
	require.NoError(t, receive(t, done))
}

func TestStopEndsWork(t *testing.T) {
	h, started, ended, _ := waiting()
	p := newPair(t, h)
	done := p.ask(t.Context(), p.client, 1)
	receive(t, started)
	require.NoError(t, p.server.Stop(t.Context()))
	require.Len(t, ended, 1, "Stop has waited")
	require.ErrorIs(t, receive(t, done), pdx.ErrUnavailable)
	require.NoError(t, p.server.Stop(t.Context()))
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	release := make(chan struct{})
	started := make(chan struct{})
	p := newPair(t, &handler{validate: func(context.Context, validation.Asker, request, progress) (verdict, error) {
		close(started)
		<-release // a handler that does not listen
		return verdict{}, errors.New("late")
	}})
	done := p.ask(t.Context(), p.client, 1)
	receive(t, started)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, p.server.Stop(ctx), context.DeadlineExceeded)
	close(release)
	require.ErrorIs(t, receive(t, done), pdx.ErrUnavailable)
}
