package buyer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// The ways to spoil a dataset that a complaint can show.
func spoiledBox(ds *pdx.Dataset, _ []byte)      { ds.Box[3] ^= 1 }
func spoiledCommit(ds *pdx.Dataset, _ []byte)   { ds.KeyCommit[3] ^= 1 }
func spoiledSegment(_ *pdx.Dataset, raw []byte) { raw[2*65_536+9] ^= 1 }
func spoiledRecords(ds *pdx.Dataset, _ []byte)  { ds.Commitment[3] ^= 1 }
func nothing(string) error                      { return nil }
func failing(err error, points ...string) func(string) error {
	return func(at string) error {
		for _, p := range points {
			if p == at {
				return err
			}
		}
		return nil
	}
}

func TestFraudIsConvicted(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*pdx.Dataset, []byte)
		want  model.Evidence
		word  string
	}{
		"box":     {spoiledBox, model.Evidence{Fault: model.FaultBox}, "box"},
		"key":     {spoiledCommit, model.Evidence{Fault: model.FaultBox}, "box"},
		"segment": {spoiledSegment, model.Evidence{Fault: model.FaultSegment, Segment: 2}, "segment 2"},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.prompt = true
				w.certify(1, pool, patients(20_000), c.spoil)
				w.order(s, pool)
				w.settle(func() bool { return state(s, 1) == model.PullFraud })
				p := pull(t, s, 1)
				require.Equal(t, &c.want, p.Evidence)
				require.Contains(t, p.Reason, c.word)
				require.Contains(t, p.Reason, "credited")
				require.Equal(t, 5+testDeposit+testCompensation, p.Refund)
				require.Equal(t, 1, w.complained())
				require.NotContains(t, w.stored, p.Root, "the ciphertext has served its time")
				left, err := filepath.Glob(filepath.Join(w.out, "deal-1", "*"))
				require.NoError(t, err)
				require.Empty(t, left)
				left, err = filepath.Glob(filepath.Join(w.out, "deal-1", ".*.part"))
				require.NoError(t, err)
				require.Empty(t, left, "plaintext is left")

				_, err = s.ClosePool(t.Context(), model.ClosePool{ID: pool})
				require.NoError(t, err)
				w.settle(func() bool { return w.finished() })
			})
		})
	}
}

// What decrypts to other plaintext is nothing that a complaint can show: no fee
// is spent on one.
func TestWhatNoComplaintCovers(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		w.certify(1, pool, patients(10), spoiledRecords)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullFailed })
		p := pull(t, s, 1)
		require.Equal(t, &model.Evidence{Fault: model.FaultCommitment}, p.Evidence)
		require.Contains(t, p.Reason, "committed")
		require.Contains(t, p.Reason, "The chain cannot judge this")
		require.Zero(t, w.complained())
		require.Contains(t, w.stored, p.Root, "the evidence is gone")
		w.set(1, pdx.DealFinal)
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
		require.NoError(t, err)
		synctest.Wait()
		checkKey(t, w, w.pools[0].Key)
	})
}

// TestDisputeCrashesAtEveryCall kills the machine around every call on the way
// from order to conviction: one complaint is convicted and none is paid for that
// the chain refuses.
func TestDisputeCrashesAtEveryCall(t *testing.T) {
	for name, spoil := range map[string]func(*pdx.Dataset, []byte){"box": spoiledBox, "segment": spoiledSegment} {
		for n := int64(1); ; n++ {
			crashed := false
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { crashed = crashDispute(t, n, spoil) })
			})
			if !crashed {
				require.Greater(t, n, int64(30))
				break
			}
		}
	}
}

func crashDispute(t *testing.T, at int64, spoil func(*pdx.Dataset, []byte)) bool {
	w := newWorld(t)
	w.prompt = true
	s := w.start()
	pool := w.pool(s)
	w.certify(1, pool, patients(20_000), spoil)
	var points atomic.Int64
	w.setFail(func(string) error {
		if points.Add(1) >= at {
			return errCrash
		}
		return nil
	})
	order := model.PullOrder{Pool: pool, Out: w.out}
	_, ordered := s.Pull(t.Context(), order)
	rest(20 * time.Second) // in fake time: all is done by then, or the machine is dead
	crashed := points.Load() >= at
	require.NoError(t, s.Stop(t.Context()))
	w.setFail(nil)

	s = w.start()
	if ordered != nil {
		_, err := s.Pull(t.Context(), order)
		require.NoError(t, err)
	}
	w.settle(func() bool { w.pass(1); return state(s, 1) == model.PullFraud })
	require.Equal(t, 1, w.complained(), "a complaint was paid for in vain")
	require.Equal(t, 5+testDeposit+testCompensation, pull(t, s, 1).Refund)
	require.Len(t, w.stored, 1, "only the criteria stay")
	_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
	require.NoError(t, err)
	w.settle(func() bool { return w.finished() })
	require.NoError(t, s.Stop(t.Context()))
	return crashed
}

// The chain cannot be reached for half the dispute; each of these is one way.
func TestComplaintOutlastsAChainThatIsAway(t *testing.T) {
	for _, points := range [][]string{{"+complain"}, {"+prove"}, {"+complain", "+head", "+prove", "+deal", "+deals", "+pool"}} {
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.certify(1, pool, patients(20_000), spoiledSegment)
			w.order(s, pool)
			w.settle(func() bool { return state(s, 1) == model.PullAcked })
			w.setFail(failing(pdx.ErrUnavailable, points...))
			w.delivered(1)
			rest(6 * time.Hour)
			require.Contains(t, []model.PullState{model.PullDisputed, model.PullDelivered, model.PullAcked}, state(s, 1))
			require.NotEmpty(t, pull(t, s, 1).Reason)
			require.Contains(t, w.stored, pull(t, s, 1).Root)
			w.setFail(nothing)
			back := time.Now()
			w.settle(func() bool { w.pass(1); return state(s, 1) == model.PullFraud })
			require.Less(t, time.Since(back), time.Minute)
			require.Equal(t, 1, w.complained())
		})
	}
}

// A complaint whose answer got lost is not sent twice while it may still get into
// a block, unless the dispute could end meanwhile.
func TestLostAnswerToAComplaint(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.setFail(failing(pdx.ErrUnavailable, "-complain"))
		w.prompt = true
		w.certify(1, pool, patients(20_000), spoiledBox)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullFraud })
		rest(time.Hour)
		require.Equal(t, 1, w.complained())
	})
}

func TestComplaintThatIsUnderWayIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		left int64 // blocks of the dispute
		want int   // complaints while the first is under way
	}{"long": {1000, 1}, "nearly over": {40, 2}} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.certify(1, pool, patients(20_000), spoiledBox)
				w.order(s, pool)
				w.settle(func() bool { return state(s, 1) == model.PullAcked })
				w.mu.Lock()
				w.deliver(1)
				d := w.deals[1]
				d.DeadlineHeight = w.head.Height + c.left
				w.deals[1] = d
				w.mu.Unlock()
				var sent atomic.Int32
				w.setFail(func(point string) error {
					if point == "+complain" {
						if sent.Add(1) < 3 {
							return pdx.ErrUnavailable // it never arrives, but who knows
						}
					}
					return nil
				})
				rest(time.Minute)
				require.GreaterOrEqual(t, int(sent.Load()), c.want)
				if c.want == 1 {
					require.EqualValues(t, 1, sent.Load())
				}
				w.settle(func() bool { w.pass(1); return state(s, 1) == model.PullFraud })
				require.Equal(t, 1, w.complained())
			})
		})
	}
}

// A complaint that the chain will not take any more costs nothing.
func TestTooLateToComplain(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(20_000), spoiledBox)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		w.mu.Lock()
		w.deliver(1)
		d := w.deals[1]
		d.DeadlineHeight, d.DeadlineTime = w.head.Height-1, w.head.Time.Add(-time.Second)
		w.deals[1] = d
		w.mu.Unlock()
		w.settle(func() bool { return strings.Contains(find(s, 1).Reason, "dispute has ended") })
		require.Equal(t, model.PullDisputed, state(s, 1))
		w.set(1, pdx.DealFinal)
		w.settle(func() bool { return state(s, 1) == model.PullFailed })
		require.Contains(t, pull(t, s, 1).Reason, "the price is paid")
		require.Zero(t, w.complained())
		require.Contains(t, w.stored, pull(t, s, 1).Root, "the evidence is gone")
	})
}

// A refusal is shown and tried again: only the end of the dispute ends it.
func TestComplaintThatCannotBePaid(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.setFail(failing(fmt.Errorf("%w: send some", pdx.ErrNoFunds), "+complain"))
		w.prompt = true
		w.certify(1, pool, patients(20_000), spoiledBox)
		w.order(s, pool)
		w.settle(func() bool { return strings.Contains(find(s, 1).Reason, "not enough funds") })
		require.Equal(t, model.PullDisputed, state(s, 1))
		w.setFail(nothing)
		w.settle(func() bool { return state(s, 1) == model.PullFraud })
	})
}

// The folder that cannot take the records must not hide that there are none.
func TestFaultIsFoundWithoutAFolder(t *testing.T) {
	t.Run("fraud", func(t *testing.T) {
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.prompt = true
			require.NoError(t, os.WriteFile(filepath.Join(w.out, "deal-1"), []byte("mine"), 0o600))
			w.certify(1, pool, patients(20_000), spoiledSegment)
			w.order(s, pool)
			w.settle(func() bool { return state(s, 1) == model.PullFraud })
		})
	})
	t.Run("sound", func(t *testing.T) {
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.prompt = true
			require.NoError(t, os.WriteFile(filepath.Join(w.out, "deal-1"), []byte("mine"), 0o600))
			w.certify(1, pool, patients(20_000))
			w.order(s, pool)
			w.settle(func() bool { return state(s, 1) == model.PullPaused })
			require.True(t, pull(t, s, 1).Sound)
			require.Zero(t, w.complained())
		})
	})
}

// Evidence that this disk lost is pulled again, and blames nobody meanwhile.
func TestLostEvidenceIsPulledAgain(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(20_000), spoiledSegment)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		w.setFail(failing(errors.New("away"), "+complain"))
		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == model.PullDisputed })
		w.mu.Lock()
		raw := append([]byte(nil), w.stored[w.deals[1].Dataset.Root]...)
		raw[2*65_536] ^= 1
		w.stored[w.deals[1].Dataset.Root] = raw
		w.mu.Unlock()
		w.setFail(nothing)
		w.settle(func() bool { return state(s, 1) == model.PullFraud })
		require.Equal(t, 1, w.complained())
	})
}

// A full disk holds up what must be written before a complaint is sent; nothing
// is sent that is not written down.
func TestNoComplaintIsSentThatIsNotWrittenDown(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(20_000), spoiledBox)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		w.setFail(failing(syscall.ENOSPC, "+pulls put"))
		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == model.PullPaused })
		rest(time.Hour)
		require.Zero(t, w.complained())
		w.setFail(nothing)
		w.settle(func() bool { return state(s, 1) == model.PullFraud })
	})
}

// TestDisputesPassThePulls has every place of the pulls dripping when a dataset
// is delivered that does not open.
func TestDisputesPassThePulls(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(20_000), spoiledSegment)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		w.mu.Lock()
		w.drips = map[pdx.DealID]bool{}
		for id := range pdx.DealID(20) {
			w.drips[id+2] = true
		}
		w.mu.Unlock()
		for id := range pdx.DealID(20) {
			w.certify(id+2, pool, patients(int(id)+100))
		}
		rest(time.Second)
		w.delivered(1)
		began := time.Now()
		w.settle(func() bool { return state(s, 1) == model.PullFraud })
		require.Less(t, time.Since(began), 5*time.Second)
	})
}
