package buyer_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// vouching runs a test in virtual time with a buyer that acknowledges off chain.
func vouching(t *testing.T, test func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.signer = identitytest.New("buyer")
		s := w.start()
		pool := w.pool(s)
		w.order(s, pool)
		test(t, w, s, pool)
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestVoucherSavesTheAck(t *testing.T) {
	vouching(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.redeems = true
		w.certify(1, pool, patients(10))
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		rest(time.Hour)
		require.Zero(t, w.ackTxs)
		require.Len(t, w.handed[1], 1)
		d := w.deals[1]
		require.Equal(t, d.Entered(pdx.DealCertified).Height, w.handed[1][0].AckHeight)
		require.GreaterOrEqual(t, w.handed[1][0].ExpiryHeight-w.handed[1][0].AckHeight, d.Blocks(d.Deadlines.Key))
	})
}

// What the seller does not take, or does not use, is acknowledged on chain, well
// before the deadline.
func TestAckGoesToTheChainWhereTheVoucherDoesNotHelp(t *testing.T) {
	for name, c := range map[string]struct {
		rejects error
		within  time.Duration
	}{
		"the seller refuses":            {pdx.ErrRefused, 10 * time.Second},
		"the seller is away":            {pdx.ErrUnavailable, 3 * time.Minute},
		"the seller takes and does not": {nil, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			vouching(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.rejects = c.rejects
				began := time.Now()
				w.certify(1, pool, patients(10))
				w.settle(func() bool { return state(s, 1) == model.PullAcked })
				require.Less(t, time.Since(began), c.within)
				require.Equal(t, 1, w.ackTxs)
				require.LessOrEqual(t, w.signer.Signed(), 1, "a deal has one voucher")
			})
		})
	}
}

// Where little is left of the time for the ack no voucher is made.
func TestNoVoucherWhenItIsLate(t *testing.T) {
	vouching(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.setFail(func(point string) error {
			if point == "+fetch" {
				return pdx.ErrUnavailable
			}
			return nil
		})
		w.certify(1, pool, patients(10))
		rest(7 * time.Hour)
		w.mu.Lock()
		w.head.Height, w.head.Time = w.head.Height+600, time.Now()
		w.mu.Unlock()
		w.setFail(nil)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		require.Zero(t, w.signer.Signed())
	})
}

// TestVoucherCrashesAtEveryCall kills the machine around every call: one voucher,
// at most one ack on chain, whole files.
func TestVoucherCrashesAtEveryCall(t *testing.T) {
	for n := int64(1); ; n++ {
		crashed := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.signer, w.redeems = identitytest.New("buyer"), true
				s := w.start()
				pool := w.pool(s)
				w.order(s, pool)
				var points atomic.Int64
				w.setFail(func(string) error {
					if points.Add(1) >= n {
						return errCrash
					}
					return nil
				})
				w.certify(1, pool, patients(10))
				rest(20 * time.Second)
				crashed = points.Load() >= n
				require.NoError(t, s.Stop(t.Context()))
				w.setFail(nil)
				s = w.start()
				w.settle(func() bool { return state(s, 1) == model.PullOpened })
				require.Zero(t, w.ackTxs)
				for _, v := range w.handed[1] {
					require.Equal(t, w.handed[1][0], v, "the same voucher each time")
				}
				require.Equal(t, patients(10), w.file(t, 1, "records.ndjson"))
				require.NoError(t, s.Stop(t.Context()))
			})
		})
		if !crashed {
			require.Greater(t, n, int64(15))
			return
		}
	}
}
