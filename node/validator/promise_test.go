package validator_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

// certificateEvent is what the chain tells of a certificate.
func certificateEvent(id pdx.DealID) pdx.Event {
	return pdx.Event{Kind: "EventCertificate", Deal: id, Pool: 1, Validator: me}
}

// requireServed checks that the buyer is served what was promised to it.
func requireServed(t *testing.T, w *world, s *validator.Service, id pdx.DealID) {
	t.Helper()
	root := w.deal(id).Dataset.Root
	may, err := s.MayPull(t.Context(), buyer, root)
	require.NoError(t, err)
	require.True(t, may, "what was promised on chain is served")
	require.True(t, w.has(root))
	serving, err := s.Serving(t.Context())
	require.NoError(t, err)
	require.Len(t, serving, 1)
}

// TestPromiseSurvivesACrashAtEveryCall kills the machine around every call. Nobody
// asks again: what the chain holds is served, and what it does not hold is not.
func TestPromiseSurvivesACrashAtEveryCall(t *testing.T) {
	promised := 0
	for n := int64(1); ; n++ {
		crashed := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				req := w.offer(1, patients(3))
				var points atomic.Int64
				w.fail = func(string) error {
					if points.Add(1) >= n {
						return errCrash
					}
					return nil
				}
				s := w.start()
				synctest.Wait()
				_, _ = s.Validate(t.Context(), req, quiet)
				require.NoError(t, s.Stop(t.Context()))
				crashed = points.Load() >= n

				w.fail = nil
				s = w.start()
				synctest.Wait()
				if d := w.deal(1); d.State == pdx.DealCertified {
					promised++
					require.True(t, d.Certificates[0].Available)
					requireServed(t, w, s, 1)
				} else {
					may, err := s.MayPull(t.Context(), buyer, d.Dataset.Root)
					require.NoError(t, err)
					require.False(t, may)
				}
				require.NoError(t, s.Stop(t.Context()))
			})
		})
		if !crashed {
			break
		}
	}
	require.Greater(t, promised, 2, "it was killed between the transaction and the record")
}

// TestPromiseSurvivesALateBlock: the answer to the transaction is lost, and the
// certificate is in a later block.
func TestPromiseSurvivesALateBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		w.fail = func(p string) error {
			if p == "+certify" {
				return pdx.ErrUnavailable
			}
			return nil
		}
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		w.edit(func() {
			w.fail = nil
			d := w.deals[1]
			d.Certificates = []pdx.Certificate{{Validator: me, Accepted: true, Available: true, Height: 101, ExpiryHeight: 1e6}}
			d.State = pdx.DealCertified
			w.deals[1] = d
		})
		s.Wake(certificateEvent(1))
		synctest.Wait()
		requireServed(t, w, s, 1)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestPromiseSurvivesAStopDuringTheWait stops the node in good order while it waits
// for the block.
func TestPromiseSurvivesAStopDuringTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		waiting := make(chan struct{})
		stopped := make(chan struct{})
		w.fail = func(p string) error {
			if p == "-certify" {
				close(waiting)
				<-stopped
				return pdx.ErrUnavailable // the wait was cut off
			}
			return nil
		}
		s := w.start()
		ended := make(chan struct{})
		go func() { defer close(ended); _, _ = s.Validate(t.Context(), req, quiet) }()
		<-waiting
		go func() { time.Sleep(time.Second); w.edit(func() { w.fail = nil }); close(stopped) }()
		require.NoError(t, s.Stop(t.Context()))
		<-ended
		s = w.start()
		synctest.Wait()
		requireServed(t, w, s, 1)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestPromiseIsServedFromAFullDisk: the record cannot be written for a day.
func TestPromiseIsServedFromAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		full := false
		w.fail = func(p string) error {
			switch p {
			case "-certify":
				full = true
			case "+vault put":
				if full {
					return syscall.ENOSPC
				}
			}
			return nil
		}
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		synctest.Wait()
		requireServed(t, w, s, 1)
		time.Sleep(24 * time.Hour)
		requireServed(t, w, s, 1)
		w.edit(func() { w.fail = nil })
		time.Sleep(time.Minute)
		r, err := w.vault.Get(t.Context(), "1")
		require.NoError(t, err)
		require.True(t, r.Certified && r.Promised, "it is on disk as soon as that has room")
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestTheChainsVerdictCounts: another verdict than the recorded one came into a
// block, with a promise.
func TestTheChainsVerdictCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.offer(1, patients(3))
		d := w.deal(1)
		d.State = pdx.DealCertified
		d.Certificates = []pdx.Certificate{{Validator: me, Accepted: true, Available: true, Report: [32]byte{7}, ExpiryHeight: 1e6}}
		w.set(d)
		w.stored[d.Dataset.Root] = w.remote[seller][d.Dataset.Root]
		require.NoError(t, w.vault.Put(t.Context(), "1", validator.Record{
			Deal: 1, Pool: 1, Buyer: buyer, Root: d.Dataset.Root, Size: d.Dataset.Size, Verdict: &pdx.Verdict{Reason: pdx.RejectUnavailable},
		}))
		s := w.start()
		synctest.Wait()
		requireServed(t, w, s, 1)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestRecordOfABusyDealIsSweptLater: the certificate is in a block while the
// validation still waits for it, and then the chain does not answer.
func TestRecordOfABusyDealIsSweptLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		var away atomic.Bool
		w.fail = func(p string) error {
			switch {
			case p == "-certify":
				time.Sleep(time.Minute) // a bubble's
				away.Store(true)
				return pdx.ErrUnavailable
			case p == "+deal" && away.Load():
				return pdx.ErrUnavailable
			}
			return nil
		}
		s := w.start()
		ended := make(chan struct{})
		go func() { defer close(ended); _, _ = s.Validate(t.Context(), req, quiet) }()
		time.Sleep(30 * time.Second)
		s.Wake(certificateEvent(1)) // and nothing more is heard of it
		<-ended
		may, err := s.MayPull(t.Context(), buyer, w.deal(1).Dataset.Root)
		require.NoError(t, err)
		require.False(t, may, "it cannot be known yet")
		away.Store(false)
		time.Sleep(time.Minute)
		requireServed(t, w, s, 1)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestLostCiphertextIsFetchedAgain: what was promised is lost by this disk.
func TestLostCiphertextIsFetchedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		root := w.deal(1).Dataset.Root
		w.edit(func() {
			delete(w.stored, root)
			w.block = func(context.Context) error { return pdx.ErrUnavailable } // the seller is away
		})
		s.Wake(certificateEvent(1))
		time.Sleep(time.Hour)
		require.False(t, w.has(root))
		w.edit(func() { w.block = nil })
		time.Sleep(2 * time.Minute)
		requireServed(t, w, s, 1)

		w.edit(func() { delete(w.stored, root) })
		d := w.deal(1)
		d.State = pdx.DealFinal
		w.set(d)
		s.Wake(pdx.Event{Deal: 1, State: string(pdx.DealFinal)})
		time.Sleep(time.Hour)
		require.False(t, w.has(root), "nothing is fetched for a deal that has ended")
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestEventsOfOthersCostNothing: deals of strangers end all the time.
func TestEventsOfOthersCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		synctest.Wait()
		var reads atomic.Int64
		w.edit(func() { w.fail = func(string) error { reads.Add(1); return nil } })
		for id := range pdx.DealID(100) {
			s.Wake(pdx.Event{Deal: id + 2, State: string(pdx.DealFinal)})
			synctest.Wait()
		}
		require.Zero(t, reads.Load())
		require.NoError(t, s.Stop(t.Context()))
	})
}
