package validator_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

// promised has a validator of this world certify a deal of mode quorum.
func promised(t *testing.T, w *world, s *validator.Service, id pdx.DealID) {
	t.Helper()
	req := w.offer(id, patients(4000))
	w.edit(func() {
		d := w.deals[id]
		d.AckMode = pdx.AckQuorum
		w.deals[id] = d
	})
	v, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.True(t, v.Accepted)
}

// challenge opens a challenge, of which an event tells.
func (w *world) challenge(s *validator.Service, id pdx.DealID, number uint32, chunks ...uint64) {
	w.edit(func() {
		d := w.deals[id]
		w.head.Time = time.Now()
		d.Challenge = &pdx.Challenge{
			Number: number, Chunks: chunks, Fee: 1, Time: w.head.Time, State: pdx.ChallengeOpen,
			DeadlineHeight: w.head.Height + 100, DeadlineTime: w.head.Time.Add(12 * time.Hour),
		}
		w.deals[id] = d
	})
	if s != nil {
		s.Wake(pdx.Event{Kind: "EventChallenged", Deal: id})
	}
}

func (w *world) took() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.answers
}

// pass lets time go on, on the chain, too.
func (w *world) pass(d time.Duration) {
	time.Sleep(d) // a bubble's
	w.edit(func() { w.head.Time = time.Now() })
	synctest.Wait()
}

func TestAChallengeIsAnsweredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		promised(t, w, s, 1)
		w.challenge(s, 1, 1, 0, 1, 63, 64, 130)
		synctest.Wait()
		require.Equal(t, 1, w.took())
		w.pass(2 * time.Hour)
		require.Equal(t, 1, w.took(), "and once")
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestAChallengeIsProvenByTheNextBlock: when its event comes, what is proven is the state before.
func TestAChallengeIsProvenByTheNextBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		promised(t, w, s, 1)
		s.Wake(pdx.Event{Kind: "EventChallenged", Deal: 1})
		synctest.Wait()
		w.challenge(nil, 1, 1, 7)
		w.pass(20 * time.Second)
		require.Equal(t, 1, w.took())
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestAHiddenChallengeIsAnswered: no event tells of it, and no endpoint lists it.
func TestAHiddenChallengeIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start(func(c *validator.Config) { c.Ledger = hiding{w} })
		promised(t, w, s, 1)
		w.challenge(nil, 1, 1, 7)
		w.pass(2 * time.Hour)
		require.Equal(t, 1, w.took())
		require.NoError(t, s.Stop(t.Context()))
	})
}

// hiding is an endpoint that shows no challenge.
type hiding struct{ *world }

func (h hiding) Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	if f.Challenged {
		return nil, "", nil
	}
	return h.world.Deals(ctx, f)
}

// TestAnInventedChallengeGetsNoAnswer: an endpoint lists a challenge that the chain does not
// have.
func TestAnInventedChallengeGetsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start(func(c *validator.Config) { c.Ledger = inventing{w} })
		promised(t, w, s, 1)
		var sent atomic.Bool
		w.edit(func() {
			w.fail = func(point string) error {
				if point == "+answer" {
					sent.Store(true)
				}
				return nil
			}
		})
		s.Wake(pdx.Event{Kind: "EventChallenged", Deal: 1})
		w.pass(2 * time.Hour)
		require.False(t, sent.Load())
		require.NoError(t, s.Stop(t.Context()))
	})
}

type inventing struct{ *world }

func (i inventing) Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error) {
	asked := f
	asked.Challenged = false
	deals, next, err = i.world.Deals(ctx, asked)
	for n := range deals {
		deals[n].Challenge = &pdx.Challenge{Number: 1, Chunks: []uint64{0}, State: pdx.ChallengeOpen}
	}
	return deals, next, err
}

// TestTheSecondValidatorWaits: whose turn it is not yet answers when the others had theirs.
func TestTheSecondValidatorWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		promised(t, w, s, 1)
		w.edit(func() {
			d := w.deals[1]
			d.Required = 2
			d.Certificates = append(d.Certificates, pdx.Certificate{Validator: other, Accepted: true, Available: true})
			w.deals[1] = d
		})
		w.challenge(s, 1, 2, 5) // the second challenge begins with the other one
		w.pass(2*time.Hour + 50*time.Minute)
		require.Zero(t, w.took())
		w.pass(20 * time.Minute)
		w.pass(time.Minute) // its next look
		require.Equal(t, 1, w.took())
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestALostCiphertextIsFetchedForAnAnswer: the seller serves it until the deal ends.
func TestALostCiphertextIsFetchedForAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		promised(t, w, s, 1)
		w.edit(func() { delete(w.stored, w.deals[1].Dataset.Root) })
		w.challenge(s, 1, 1, 9)
		w.pass(5 * time.Minute)
		require.Equal(t, 1, w.took())
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestAnswersSurviveACrashAtEveryCall kills the machine around every call while there is a
// challenge to answer.
func TestAnswersSurviveACrashAtEveryCall(t *testing.T) {
	for n := int64(1); ; n++ {
		crashed := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				s := w.start()
				promised(t, w, s, 1)
				synctest.Wait()
				var points atomic.Int64
				w.edit(func() {
					w.fail = func(string) error {
						if points.Add(1) >= n {
							return errCrash
						}
						return nil
					}
				})
				w.challenge(s, 1, 1, 3)
				synctest.Wait()
				require.NoError(t, s.Stop(t.Context()))
				crashed = points.Load() >= n
				w.edit(func() { w.fail = nil })
				s = w.start()
				w.pass(time.Minute)
				require.Equal(t, 1, w.took())
				require.NoError(t, s.Stop(t.Context()))
			})
		})
		if !crashed {
			require.Greater(t, n, int64(4))
			return
		}
	}
}
