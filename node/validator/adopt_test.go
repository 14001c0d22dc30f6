package validator_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/node/validator"
)

// A promise that the database forgot is kept, in every state of its deal: the
// ciphertext is here or is pulled again, and the buyer is served until the end.
func TestForgottenPromiseIsKept(t *testing.T) {
	for _, state := range []pdx.DealState{pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered} {
		for name, lose := range map[string]func(*world){
			"records":              func(w *world) { w.vault = storetest.Table[validator.Record]{} },
			"ciphertexts":          func(w *world) { w.stored = map[pdx.ContentID][]byte{} },
			"records, ciphertexts": func(w *world) { w.vault, w.stored = storetest.Table[validator.Record]{}, map[pdx.ContentID][]byte{} },
		} {
			t.Run(string(state)+" without "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					req := w.offer(1, patients(3))
					s := w.start()
					_, err := s.Validate(t.Context(), req, quiet)
					require.NoError(t, err)
					require.NoError(t, s.Stop(t.Context()))
					d := w.deal(1)
					d.State = state
					w.set(d)
					lose(w)
					w.marks = storetest.Table[string]{}

					s = w.start()
					<-s.Compared()
					synctest.Wait()
					may, err := s.MayPull(t.Context(), buyer, d.Dataset.Root)
					require.NoError(t, err)
					require.True(t, may)
					require.True(t, w.has(d.Dataset.Root))
					require.Empty(t, s.Missing())
					needed, err := s.Needed(t.Context())
					require.NoError(t, err)
					require.Contains(t, needed, d.Dataset.Root)

					d.State = pdx.DealFinal
					w.set(d)
					s.Wake(pdx.Event{Deal: 1, State: string(pdx.DealFinal)})
					synctest.Wait()
					require.False(t, w.has(d.Dataset.Root))
					require.NoError(t, s.Stop(t.Context()))
				})
			})
		}
	}
}

// The damaged record of one deal does not keep the promise of another from being
// taken up.
func TestDamagedRecordStopsNoAdoption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		for id := range pdx.DealID(2) {
			_, err := s.Validate(t.Context(), w.offer(id+1, patients(3+int(id))), quiet)
			require.NoError(t, err)
		}
		require.NoError(t, s.Stop(t.Context()))
		w.vault.Damage("1")
		require.NoError(t, w.vault.Delete(t.Context(), "2"))
		s = w.start()
		<-s.Compared()
		needed, err := s.Needed(t.Context())
		require.NoError(t, err)
		require.Contains(t, needed, w.deal(2).Dataset.Root)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// While the seller is away the promise that cannot be kept is shown, and it is
// pulled again until it is here or the deal has ended.
func TestMissingCiphertextIsPulledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		require.NoError(t, s.Stop(t.Context()))
		root := w.deal(1).Dataset.Root
		var discards atomic.Int32
		w.edit(func() {
			w.stored = map[pdx.ContentID][]byte{}
			w.fail = func(point string) error {
				if point == "+discard" {
					discards.Add(1)
				}
				if point == "+fetch" {
					return pdx.ErrUnavailable
				}
				return nil
			}
		})
		s = w.start()
		<-s.Compared()
		synctest.Wait()
		require.Len(t, s.Missing(), 1)
		require.Zero(t, discards.Load(), "a pull goes on where it was interrupted")
		w.edit(func() { w.fail = nil })
		time.Sleep(2 * time.Minute) // a bubble's
		synctest.Wait()
		require.Empty(t, s.Missing())
		require.True(t, w.has(root))
		require.NoError(t, s.Stop(t.Context()))
	})
}
