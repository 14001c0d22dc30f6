package validator_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/validator"
)

func rootOf(raw []byte) pdx.ContentID { return blake3.Sum256(raw) }

func TestCiphertextStaysUntilTheDealEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		root := w.deal(1).Dataset.Root
		for _, state := range []pdx.DealState{pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal} {
			d := w.deal(1)
			d.State = state
			w.set(d)
			s.Wake(pdx.Event{Deal: 1, State: string(state)})
			synctest.Wait()
			require.Equal(t, !state.Ended(), w.has(root), state)
		}
		require.False(t, w.has(criteria.IDOf(wantPatients)), "criteria stay without a deal")
		n, err := w.vault.Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)

		v, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err, "the chain still knows the verdict")
		require.True(t, v.Accepted)
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestStartSweepsWhatEndedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		one, two := w.offer(1, patients(3)), w.offer(2, patients(4))
		s := w.start()
		for _, req := range []validator.Request{one, two} {
			_, err := s.Validate(t.Context(), req, quiet)
			require.NoError(t, err)
		}
		require.NoError(t, s.Stop(t.Context()))
		d := w.deal(1)
		d.State = pdx.DealUnacked
		w.set(d)
		s = w.start()
		synctest.Wait()
		require.False(t, w.has(d.Dataset.Root))
		require.True(t, w.has(w.deal(2).Dataset.Root))
		require.True(t, w.has(criteria.IDOf(wantPatients)), "deal 2 still needs them")
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestSharedCiphertextStaysForTheOtherDeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.offer(1, patients(3))
		d := w.deal(1)
		for id := range pdx.DealID(2) {
			r := validator.Record{
				Deal: id + 1, Root: d.Dataset.Root, Buyer: buyer, Size: d.Dataset.Size,
				Verdict: &pdx.Verdict{Accepted: true}, Certified: true, Promised: true,
			}
			require.NoError(t, w.vault.Put(t.Context(), r.Deal.String(), r))
		}
		w.stored[d.Dataset.Root] = w.remote[seller][d.Dataset.Root]
		other := d
		other.ID, other.State, d.State = 2, pdx.DealCertified, pdx.DealFinal
		w.set(d)
		w.set(other)
		s := w.start()
		synctest.Wait()
		require.True(t, w.has(d.Dataset.Root))
		other.State = pdx.DealFinal
		w.set(other)
		s.Wake(pdx.Event{Deal: 2, State: string(pdx.DealFinal)})
		synctest.Wait()
		require.False(t, w.has(d.Dataset.Root))
		require.NoError(t, s.Stop(t.Context()))
	})
}
