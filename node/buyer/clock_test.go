package buyer_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/node/buyer"
)

// redated has the buyer sleep while the date of its voucher is that of another clock.
func redated(t *testing.T, by time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.signer = identitytest.New("buyer")
		s := w.start()
		pool := w.pool(s)
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { p := find(s, 1); return p.SignedAck != nil && p.SignedAck.Taken })
		require.NoError(t, s.Stop(t.Context()))
		p, err := w.pulls.Get(t.Context(), "1")
		require.NoError(t, err)
		v := *p.SignedAck
		v.Signed = v.Signed.Add(by)
		p.SignedAck = &v
		require.NoError(t, w.pulls.Put(t.Context(), "1", p))
		s = w.start()
		time.Sleep(3 * time.Minute)
		require.Equal(t, 1, w.acked())
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestAckOfAVoucherOfAnotherClock: the machine's clock was wrong when the voucher was
// signed, and the seller, who has it, is silent.
func TestAckOfAVoucherOfAnotherClock(t *testing.T) {
	for name, by := range map[string]time.Duration{
		"ahead": 24 * time.Hour, "far ahead": 30 * 365 * 24 * time.Hour,
		"behind": -24 * time.Hour, "right": 0,
	} {
		t.Run(name, func(t *testing.T) { redated(t, by) })
	}
}

// TestVoucherOnAWrongClock has this machine's clock be wrong all the time: a voucher
// has its time, not less and not more.
func TestVoucherOnAWrongClock(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"behind": 24 * time.Hour, "ahead": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			vouching(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.mu.Lock()
				w.chainAhead = ahead
				w.head.Time = time.Now().Add(ahead)
				w.mu.Unlock()
				w.certify(1, pool, patients(10))
				w.settle(func() bool { p := find(s, 1); return p.SignedAck != nil && p.SignedAck.Taken })
				time.Sleep(90 * time.Second)
				require.Zero(t, w.acked(), "the seller has two minutes")
				time.Sleep(time.Minute)
				require.Equal(t, 1, w.acked())
			})
		})
	}
}

// TestTheLastQuarterBelongsToTheChain: blocks come so fast that the time for the ack
// is nearly over before the voucher has had its time.
func TestTheLastQuarterBelongsToTheChain(t *testing.T) {
	vouching(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		w.settle(func() bool { p := find(s, 1); return p.SignedAck != nil && p.SignedAck.Taken })
		w.pass(800) // of 1,000
		time.Sleep(10 * time.Second)
		require.Equal(t, 1, w.acked())
	})
}

// TestResumeLooksAtOnce: a deal that waits for minutes after many failures is tried
// when the machine wakes up.
func TestResumeLooksAtOnce(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		var tries atomic.Int64
		w.setFail(func(p string) error {
			if p == "+fetch" {
				tries.Add(1)
				return pdx.ErrUnavailable
			}
			return nil
		})
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		time.Sleep(time.Hour) // the pause between tries is five minutes now
		for range 10 {
			before := tries.Load()
			s.Resume()
			time.Sleep(time.Second) // a bubble's
			require.Greater(t, tries.Load(), before)
		}
		w.setFail(nil)
		s.Resume()
		time.Sleep(10 * time.Second)
		require.Equal(t, 1, w.acked())
	})
}

// TestResumeFindsWhatNoEventTold: the machine slept through the events of a deal.
func TestResumeFindsWhatNoEventTold(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.order(s, pool)
		time.Sleep(time.Minute)
		w.mu.Lock()
		w.interest = nil // nobody tells
		w.mu.Unlock()
		w.certify(1, pool, patients(10))
		s.Resume()
		time.Sleep(10 * time.Second)
		require.Equal(t, 1, w.acked())
	})
}
