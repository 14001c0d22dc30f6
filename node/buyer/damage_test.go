package buyer_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// A damaged record stops its own deal, which says so, and no other.
func TestDamagedRecordStopsOnlyItsDeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		pool := w.pool(s)
		w.certify(1, pool, patients(1))
		w.certify(2, pool, patients(2))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked && state(s, 2) == model.PullAcked })
		require.NoError(t, s.Stop(t.Context()))

		w.pulls.Damage("1")
		s = w.start()
		w.delivered(1)
		w.delivered(2)
		w.settle(func() bool { return state(s, 2) == model.PullOpened && pull(t, s, 1).Reason != "" })
		require.Contains(t, pull(t, s, 1).Reason, "corrupt")
		require.Nil(t, pull(t, s, 1).Opened)
		require.Equal(t, 1, w.acks[1], "it is not acknowledged again")
		require.NoError(t, s.Stop(t.Context()))
	})
}

// What was bought before its record was damaged and set aside is not pulled again.
func TestForgottenDealIsNotPulledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.prompt = true
		s := w.start()
		pool := w.pool(s)
		w.certify(1, pool, patients(1))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		w.set(1, pdx.DealFinal)
		w.settle(func() bool { return state(s, 1) == model.PullFinal })
		require.NoError(t, s.Stop(t.Context()))

		require.NoError(t, w.pulls.Delete(t.Context(), "1"))
		w.asked = nil
		s = w.service()
		require.NoError(t, s.Forgotten(t.Context(), w.deals[1]))
		require.NoError(t, s.Start(t.Context()))
		w.settle(func() bool { return state(s, 1) == model.PullFinal })
		require.Contains(t, pull(t, s, 1).Reason, "what was bought is in "+w.out)
		require.Empty(t, w.asked)
		require.NoError(t, s.Stop(t.Context()))
	})
}
