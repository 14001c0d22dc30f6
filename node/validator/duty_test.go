package validator_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

const certifyTime = 72 * time.Hour

// drawn is a deal for which this validator was drawn, and the request to check it.
func (w *world) drawn(id pdx.DealID) validator.Request {
	req := w.offer(id, patients(3))
	w.isDrawn(id)
	return req
}

// isDrawn has this validator drawn for a deal.
func (w *world) isDrawn(id pdx.DealID) {
	w.edit(func() {
		d := w.deals[id]
		d.Draw = &pdx.Draw{Count: 1, Candidates: []pdx.Address{w.account}, Height: 99}
		now := time.Now().Add(w.chainAhead)
		d.History = []pdx.Step{{State: pdx.DealOffered, Height: 98, Time: now}}
		d.DeadlineTime, d.DeadlineHeight = now.Add(certifyTime), 98+int64(certifyTime/(6*time.Second))
		w.deals[id] = d
	})
}

func (w *world) verdict(id pdx.DealID) pdx.RejectReason {
	w.t.Helper()
	d := w.deal(id)
	require.Len(w.t, d.Certificates, 1)
	return d.Certificates[0].Reason
}

func TestDutyOfASellerThatNeverAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		synctest.Wait()
		w.drawn(1)
		s.Wake(pdx.Event{Kind: "EventDrawn", Deal: 1})
		synctest.Wait()
		require.Len(t, s.Duties(), 1)
		require.Contains(t, s.Duties()[0].WaitsFor, "has not asked")
		rest(certifyTime - time.Hour - time.Minute)
		require.Empty(t, w.deal(1).Certificates, "there is time yet")
		rest(2 * time.Minute)
		require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
		require.Empty(t, s.Duties())
		require.NoError(t, s.Stop(t.Context()))
	})
}

// A duty is found without its event, and none is made of deals without a lot.
func TestDutiesAreFoundAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.drawn(1)
		w.offer(2, patients(2))
		s := w.start()
		synctest.Wait()
		require.Len(t, s.Duties(), 1)
		rest(certifyTime)
		require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
		require.Empty(t, w.deal(2).Certificates, "nobody counts it")
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestDutyThatIsDoneInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		req := w.drawn(1)
		s.Wake(pdx.Event{Kind: "EventDrawn", Deal: 1})
		synctest.Wait()
		v, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		require.True(t, v.Accepted)
		synctest.Wait() // it is over once the certificate is proven
		require.Empty(t, s.Duties())
		rest(certifyTime)
		require.Equal(t, 1, w.certs)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// Others that do not serve what the check needs, in whichever way, do not make
// this validator miss its duty.
func TestDutyOfASellerThatDoesNotServe(t *testing.T) {
	for name, block := range map[string]func(context.Context) error{
		"refuses": func(context.Context) error { return pdx.ErrRefused },
		"stalls":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				s := w.start()
				req := w.drawn(1)
				w.block = block
				go func() {
					for t.Context().Err() == nil && len(w.deal(1).Certificates) == 0 {
						_, err := s.Validate(t.Context(), req, quiet)
						if err != nil && !errors.Is(err, pdx.ErrUnavailable) {
							t.Error(err)
						}
						time.Sleep(15 * time.Minute)
					}
				}()
				rest(certifyTime)
				require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
				rest(time.Hour)
				require.NoError(t, s.Stop(t.Context()))
			})
		})
	}
}

// A seller that leaves in the middle is not there.
func TestDutyOfASellerThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		req := w.drawn(1)
		w.block = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		_, err := s.Validate(ctx, req, quiet)
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		rest(certifyTime)
		require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
		require.NoError(t, s.Stop(t.Context()))
	})
}

// This machine's own failures are no ground for a verdict, nor is a seller that
// may have come while it was away.
func TestNoVerdictForOwnFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.drawn(1)
		s := w.start(func(c *validator.Config) { c.MaxKept = 1 })
		_, err := s.Validate(t.Context(), req, quiet)
		require.ErrorIs(t, err, validator.ErrNoRoom)
		require.Contains(t, s.Duties()[0].WaitsFor, "no room")
		rest(certifyTime + time.Minute)
		require.Empty(t, w.deal(1).Certificates)
		require.NoError(t, s.Stop(t.Context()))
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.drawn(1)
		time.Sleep(certifyTime - 90*time.Minute)
		s := w.start()
		rest(2 * time.Hour)
		require.Empty(t, w.deal(1).Certificates)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// A verdict that was reached and did not get to the chain gets there, though its
// seller is gone.
func TestDutyWithAVerdictThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		req := w.drawn(1)
		w.edit(func() {
			w.fail = func(point string) error {
				if point == "+certify" {
					return pdx.ErrNoFunds
				}
				return nil
			}
		})
		_, err := s.Validate(t.Context(), req, quiet)
		require.Error(t, err)
		w.edit(func() { w.fail = nil })
		rest(certifyTime)
		require.Equal(t, pdx.RejectReason(0), w.verdict(1))
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestPromises(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*validator.Config)
		promised bool
	}{
		"promises":    {func(*validator.Config) {}, true},
		"no promises": {func(c *validator.Config) { c.NoPromise = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				s := w.start(c.change)
				req := w.drawn(1)
				w.edit(func() {
					d := w.deals[1]
					d.BlockTime, d.Deadlines.Ack = time.Second, 14*24*time.Hour
					w.deals[1] = d
				})
				_, err := s.Validate(t.Context(), req, quiet)
				require.NoError(t, err)
				rest(time.Minute) // what is not promised goes once the certificate is proven and the check is over
				d := w.deal(1)
				root := d.Dataset.Root
				require.Equal(t, c.promised, d.Certificates[0].Available)
				require.Greater(t, d.Certificates[0].ExpiryHeight, d.DeadlineHeight+d.Blocks(d.Deadlines.Ack), "it outlives the wait for the ack")
				may, err := s.MayPull(t.Context(), buyer, root)
				require.NoError(t, err)
				require.Equal(t, c.promised, may)
				may, err = s.MayPull(t.Context(), seller, root)
				require.NoError(t, err)
				require.False(t, may, "only the pool's buyer")
				require.Equal(t, c.promised, w.has(root), "what is not promised is let go of")
				served, err := s.Serving(t.Context())
				require.NoError(t, err)
				kept, _, err := s.Kept(t.Context())
				require.NoError(t, err)
				if c.promised {
					require.Len(t, served, 1)
					require.Equal(t, d.Dataset.Size, kept)
				} else {
					require.Empty(t, served)
					require.Zero(t, kept)
				}
				require.NoError(t, s.Stop(t.Context()))
			})
		})
	}
}

// TestAVerdictAfterTheKthAccept: others were faster while the dataset was checked. A drawn
// validator still does its duty; another one pays no fee for what nobody waits for.
func TestAVerdictAfterTheKthAccept(t *testing.T) {
	for _, drawn := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s := w.start()
			req := w.offer(1, patients(3))
			if drawn {
				req = w.drawn(2)
			}
			w.edit(func() {
				w.fail = func(point string) error {
					if point == "-fetch" {
						w.edit(func() {
							d := w.deals[req.Deal]
							d.State = pdx.DealCertified
							w.deals[req.Deal] = d
						})
					}
					return nil
				}
			})
			_, err := s.Validate(t.Context(), req, quiet)
			if drawn {
				require.NoError(t, err)
				require.Len(t, w.deal(req.Deal).Certificates, 1)
			} else {
				require.ErrorIs(t, err, pdx.ErrWrongState)
				require.Empty(t, w.deal(req.Deal).Certificates)
			}
			require.NoError(t, s.Stop(t.Context()))
		})
	}
}
