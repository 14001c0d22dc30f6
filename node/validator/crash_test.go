package validator_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// TestCrashAtEveryCall kills the machine before and after every call it makes,
// starts it again and asks again: one certificate, the right verdict, and at
// the end nothing is left.
func TestCrashAtEveryCall(t *testing.T) {
	for _, c := range []struct {
		name    string
		records string
		reason  pdx.RejectReason
	}{
		{"accepted", patients(3), 0},
		{"rejected", `{"id":"x"}` + "\n", pdx.RejectCriteria},
	} {
		for n := int64(1); ; n++ {
			crashed := false
			t.Run(fmt.Sprintf("%s/%d", c.name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { crashed = crashOnce(t, n, c.records, c.reason) })
			})
			if !crashed {
				require.Greater(t, n, int64(10))
				break
			}
		}
	}
}

func crashOnce(t *testing.T, at int64, records string, reason pdx.RejectReason) (crashed bool) {
	w := newWorld(t)
	req := w.offer(1, records)
	var points atomic.Int64
	w.fail = func(string) error {
		if points.Add(1) >= at {
			return errCrash
		}
		return nil
	}
	s := w.start()
	synctest.Wait()
	_, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, s.Stop(t.Context()))
	crashed = points.Load() >= at
	if !crashed {
		require.NoError(t, err)
	}

	w.fail = nil
	s = w.start()
	synctest.Wait() // what is compared with the chain does not hold the deal
	v, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.Equal(t, reason, v.Reason)
	require.Equal(t, 1, w.certs)
	d := w.deal(1)
	require.Equal(t, v.Report, d.Certificates[0].Report)
	require.Equal(t, reason == 0, w.has(d.Dataset.Root))

	d.State = pdx.DealFinal
	w.set(d)
	s.Wake(pdx.Event{Deal: 1, State: string(pdx.DealFinal)})
	synctest.Wait()
	require.Empty(t, w.stored)
	left, err := w.vault.Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, left)
	require.NoError(t, s.Stop(t.Context()))
	return crashed
}
