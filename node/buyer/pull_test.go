package buyer_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/transfer/seal"
)

func buyerKey(secret []byte) (pdx.Element, error) {
	key, err := seal.BuyerKeyFromBytes(secret)
	return key.Public(), err
}

// in runs a scenario in fake time with a started buyer and its pool.
func in(t *testing.T, scenario func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		scenario(t, w, s, w.pool(s))
		require.NoError(t, s.Stop(t.Context()))
	})
}

func (w *world) file(t *testing.T, id pdx.DealID, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.out, "deal-"+id.String(), name))
	require.NoError(t, err)
	return string(raw)
}

func TestDealGoesAllItsWay(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.order(s, pool)
		records := patients(100_000)
		w.certify(1, pool, records)
		w.settle(func() bool { return state(s, 1) == buyer.StateAcked })
		p := pull(t, s, 1)
		require.Equal(t, p.Size, p.Held)
		require.Equal(t, []pdx.Address{seller}, w.asked)

		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == buyer.StateOpened })
		p = pull(t, s, 1)
		require.Equal(t, records, w.file(t, 1, "records.ndjson"))
		require.Equal(t, uint64(100_000), p.Opened.Records)
		require.Equal(t, filepath.Join(w.out, "deal-1", "records.ndjson"), p.Opened.Path)

		var m buyer.Manifest
		require.NoError(t, json.Unmarshal([]byte(w.file(t, 1, "manifest.json")), &m))
		sum := blake3.Sum256([]byte(records))
		require.Equal(t, hex.EncodeToString(sum[:]), m.Blake3)
		require.Equal(t, pdx.DealID(1), m.Deal)
		require.Equal(t, p.Root.String(), m.Root)
		require.Contains(t, m.Heights, "delivered")
		info, err := os.Stat(p.Opened.Path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "health data is its owner's alone")

		w.set(1, pdx.DealFinal)
		w.settle(func() bool { return state(s, 1) == buyer.StateFinal })
		require.NotContains(t, w.stored, p.Root)
		require.Equal(t, 1, w.acks[1])
	})
}

func TestOneDealOnly(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(1))
		w.certify(2, pool, patients(2))
		require.NoError(t, s.Pull(t.Context(), buyer.Order{Pool: pool, Deal: 2, Out: w.out}))
		w.settle(func() bool { return state(s, 2) == buyer.StateAcked })
		require.Len(t, s.Pulls(0), 1)
		require.Empty(t, s.Pulls(99))
	})
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.pools = append(w.pools, pdx.Pool{ID: 2, Buyer: "panacea1other"}, pdx.Pool{ID: 3, Buyer: me, Key: pdx.Element{9}})
		w.certify(1, pool, patients(1))
		w.order(s, pool)
		w.order(s, pool)
		for name, c := range map[string]struct {
			order buyer.Order
			want  error
		}{
			"relative folder":         {buyer.Order{Pool: pool, Out: "out"}, pdx.ErrInvalid},
			"no folder":               {buyer.Order{Pool: pool}, pdx.ErrInvalid},
			"folder that climbs":      {buyer.Order{Pool: pool, Out: "/tmp/../etc"}, pdx.ErrInvalid},
			"no pool":                 {buyer.Order{Pool: 99, Out: w.out}, pdx.ErrNotFound},
			"another's pool":          {buyer.Order{Pool: 2, Out: w.out}, pdx.ErrInvalid},
			"pool of another machine": {buyer.Order{Pool: 3, Out: w.out}, buyer.ErrNoKey},
			"no deal":                 {buyer.Order{Pool: pool, Deal: 99, Out: w.out}, pdx.ErrNotFound},
			"another folder":          {buyer.Order{Pool: pool, Out: w.out + "2"}, pdx.ErrWrongState},
		} {
			require.ErrorIs(t, s.Pull(t.Context(), c.order), c.want, name)
		}
		orders, err := s.Orders(t.Context())
		require.NoError(t, err)
		require.Len(t, orders, 1)
	})
}

func TestValidatorServesWhenTheSellerDoesNot(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		root := w.deals[1].Dataset.Root
		w.remote[helper][root], w.remote[loafer][root] = w.remote[seller][root], w.remote[seller][root]
		delete(w.remote[seller], root)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == buyer.StateAcked })
		require.Equal(t, []pdx.Address{seller, helper}, w.asked, "strangers and those who promised nothing are not asked")
	})
}

func TestUnreachableSellerDoesNotStopOthers(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 10
		for id := range pdx.DealID(many) {
			w.certify(id+1, pool, patients(int(id)+1))
			delete(w.remote[seller], w.deals[id+1].Dataset.Root)
		}
		w.certify(50, pool, patients(50))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 50) == buyer.StateAcked })
		require.NotEmpty(t, pull(t, s, 1).Reason)
		require.Zero(t, w.acks[1])
	})
}

func TestAcksShareATransaction(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 30
		for id := range pdx.DealID(many) {
			w.certify(id+1, pool, patients(int(id)+1))
		}
		w.order(s, pool)
		acked := func() bool {
			return !slices.ContainsFunc(s.Pulls(0), func(p buyer.Pull) bool { return p.State != buyer.StateAcked }) && len(s.Pulls(0)) == many
		}
		w.settle(acked)
		require.Less(t, w.ackTxs, 4)
	})
}

func TestOneBadDealDoesNotStopABatch(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 20
		for id := range pdx.DealID(many) {
			w.certify(id+1, pool, patients(int(id)+1))
		}
		w.refuse[7] = true
		w.order(s, pool)
		w.settle(func() bool { return w.acked() == many-1 })
		w.settle(func() bool { return pull(t, s, 7).Reason != "" })
		require.Equal(t, buyer.StateHeld, state(s, 7))
		require.NotContains(t, w.acks, pdx.DealID(7))
		w.set(7, pdx.DealUnacked)
		w.settle(func() bool { return state(s, 7) == buyer.StateUnacked })
		require.NotContains(t, w.stored, w.deals[7].Dataset.Root)
	})
}

func TestNoAckWhenItIsTooLate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*pdx.Deal, pdx.Head)
		acked  bool
	}{
		"height and time nearly over": {func(d *pdx.Deal, h pdx.Head) {
			d.DeadlineHeight, d.DeadlineTime = h.Height+2, h.Time.Add(time.Second)
			d.History[0].Height, d.History[0].Time = 1, h.Time.Add(-time.Hour)
		}, false},
		"time is left": {func(d *pdx.Deal, h pdx.Head) { d.DeadlineHeight = h.Height - 5 }, true},
		"certificate nearly expired": {func(d *pdx.Deal, h pdx.Head) {
			d.Certificates = []pdx.Certificate{{Validator: helper, Accepted: true, ExpiryHeight: h.Height + 1}}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.certify(1, pool, patients(1))
				w.change(1, func(d *pdx.Deal) { c.change(d, w.head) })
				w.order(s, pool)
				w.settle(func() bool {
					p := find(s, 1)
					return p.State == buyer.StateAcked || p.State == buyer.StateHeld && p.Reason != ""
				})
				require.Equal(t, c.acked, w.acks[1] == 1)
			})
		})
	}
}

func TestDealThatEndsBeforeItsAckCostsNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(1))
		w.order(s, pool)
		synctest.Wait() // held, and waiting for others to share its transaction
		require.Equal(t, buyer.StateHeld, state(s, 1))
		w.set(1, pdx.DealUnacked)
		w.settle(func() bool { return state(s, 1) == buyer.StateUnacked })
		time.Sleep(time.Minute)
		require.Zero(t, w.ackTxs)
	})
}

func TestLostAnswerToAnAckSendsNoSecond(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.setFail(func(point string) error {
			if point == "-ack" {
				return pdx.ErrUnavailable
			}
			return nil
		})
		w.certify(1, pool, patients(1))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == buyer.StateAcked })
		time.Sleep(time.Hour)
		require.Equal(t, 1, w.ackTxs)
	})
}

func TestFalseDatasetsFailWithEvidence(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*pdx.Dataset, []byte)
		want  buyer.Evidence
		word  string
	}{
		"box":           {func(ds *pdx.Dataset, _ []byte) { ds.Box[3] ^= 1 }, buyer.Evidence{Fault: buyer.FaultBox}, "complaint"},
		"key":           {func(ds *pdx.Dataset, _ []byte) { ds.KeyCommit[3] ^= 1 }, buyer.Evidence{Fault: buyer.FaultBox}, "complaint"},
		"segment":       {func(_ *pdx.Dataset, raw []byte) { raw[2*65_536+9] ^= 1 }, buyer.Evidence{Fault: buyer.FaultSegment, Segment: 2}, "segment 2"},
		"other records": {func(ds *pdx.Dataset, _ []byte) { ds.Commitment[3] ^= 1 }, buyer.Evidence{Fault: buyer.FaultCommitment}, "certified"},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.prompt = true
				w.certify(1, pool, patients(20_000), c.spoil)
				w.order(s, pool)
				w.settle(func() bool { return state(s, 1) == buyer.StateFailed })
				p := pull(t, s, 1)
				require.Equal(t, &c.want, p.Evidence)
				require.Contains(t, p.Reason, c.word)
				require.Contains(t, w.stored, p.Root, "the evidence is gone")
				left, err := filepath.Glob(filepath.Join(w.out, "deal-1", "*"))
				require.NoError(t, err)
				require.Empty(t, left)
				left, err = filepath.Glob(filepath.Join(w.out, "deal-1", ".*.part"))
				require.NoError(t, err)
				require.Empty(t, left, "plaintext is left")

				w.set(1, pdx.DealFinal)
				_, err = s.ClosePool(t.Context(), pool)
				require.NoError(t, err)
				synctest.Wait()
				checkKey(t, w, w.pools[0].Key)
			})
		})
	}
}

func TestRottenDiskBlamesNobody(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == buyer.StateAcked })
		root := w.deals[1].Dataset.Root
		w.mu.Lock()
		w.stored[root] = slices.Clone(w.stored[root])
		w.stored[root][3] ^= 1
		w.mu.Unlock()
		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == buyer.StateOpened })
		require.Equal(t, patients(10), w.file(t, 1, "records.ndjson"))
	})
}

func TestFullDiskPauses(t *testing.T) {
	for _, point := range []string{"+fetch", "+segment"} {
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.setFail(func(p string) error {
				if p == point {
					return &os.PathError{Op: "write", Err: syscall.ENOSPC}
				}
				return nil
			})
			w.certify(1, pool, patients(10))
			w.order(s, pool)
			w.settle(func() bool { return state(s, 1) == buyer.StatePaused })
			require.Contains(t, pull(t, s, 1).Reason, "disk is full")
			require.NotContains(t, w.asked, helper, "another source does not make room")
			w.setFail(nil)
			w.settle(func() bool { return state(s, 1) == buyer.StateAcked })
			require.Empty(t, pull(t, s, 1).Reason)
		})
	}
}

func TestForeignFilesAreNeverTouched(t *testing.T) {
	for _, name := range []string{"records.ndjson", "manifest.json"} {
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.prompt = true
			folder := filepath.Join(w.out, "deal-1")
			require.NoError(t, os.MkdirAll(folder, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("mine"), 0o600))
			w.certify(1, pool, patients(10))
			w.order(s, pool)
			w.settle(func() bool { return state(s, 1) == buyer.StatePaused })
			require.Contains(t, pull(t, s, 1).Reason, name)
			require.Equal(t, "mine", w.file(t, 1, name))
			require.NoError(t, os.Rename(filepath.Join(folder, name), filepath.Join(folder, "kept")))
			w.settle(func() bool { return state(s, 1) == buyer.StateOpened })
			require.Equal(t, patients(10), w.file(t, 1, "records.ndjson"))
			require.Equal(t, "mine", w.file(t, 1, "kept"))
		})
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		inTheWay := filepath.Join(w.out, "deal-1")
		require.NoError(t, os.WriteFile(inTheWay, []byte("mine"), 0o600))
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == buyer.StatePaused })
		require.Contains(t, pull(t, s, 1).Reason, "folder")
		require.NoError(t, os.Remove(inTheWay))
		w.settle(func() bool { return state(s, 1) == buyer.StateOpened })
	})
}

func TestWhatACrashLeftIsSwept(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		folder := filepath.Join(w.out, "deal-1")
		require.NoError(t, os.MkdirAll(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, ".pdx-123.part"), []byte("half"), 0o600))
		// All was written, but the machine died before it noted so.
		require.NoError(t, os.WriteFile(filepath.Join(folder, "records.ndjson"), []byte(patients(10)), 0o600))
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == buyer.StateOpened })
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Len(t, entries, 2)
	})
}

func TestStalledSourceGivesWay(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		root := w.deals[1].Dataset.Root
		w.remote[helper][root] = w.remote[seller][root]
		w.mu.Lock()
		w.stalls = map[pdx.Address]bool{seller: true}
		w.mu.Unlock()
		began := time.Now()
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == buyer.StateAcked })
		require.Less(t, time.Since(began), 2*time.Minute)
		require.Equal(t, []pdx.Address{seller, helper}, w.asked)
	})
}

func TestDripsDoNotKeepAllPlaces(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.mu.Lock()
		w.drips = map[pdx.DealID]bool{1: true, 2: true, 3: true, 4: true}
		w.mu.Unlock()
		for id := range pdx.DealID(5) {
			w.certify(id+1, pool, patients(int(id)+1))
		}
		began := time.Now()
		w.order(s, pool)
		w.settle(func() bool { return state(s, 5) == buyer.StateAcked })
		require.Less(t, time.Since(began), 10*time.Minute)
		require.Equal(t, buyer.StatePulling, state(s, 1))
	})
}

func TestChangesGiveTheLatest(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		seen := 0
		for p := range s.Changes(t.Context()) {
			seen++
			time.Sleep(time.Minute) // a slow reader, in fake time
			if p.State == buyer.StateOpened {
				break
			}
		}
		require.Less(t, seen, 5)
	})
}

func TestEventsOfOthersCostNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		for id := range pdx.DealID(20_000) {
			s.Wake(pdx.Event{Deal: id + 1000, Pool: 77, State: string(pdx.DealCertified)})
		}
		synctest.Wait()
		require.Empty(t, s.Pulls(0))
	})
}

// TestPullCrashesAtEveryCall kills the machine around every call on the way from
// order to final: one ack for each deal, whole files, nothing left over.
func TestPullCrashesAtEveryCall(t *testing.T) {
	for n := int64(1); ; n++ {
		crashed := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { crashed = crashOnce(t, n) })
		})
		if !crashed {
			require.Greater(t, n, int64(50))
			return
		}
	}
}

func crashOnce(t *testing.T, at int64) bool {
	w := newWorld(t)
	w.prompt = true
	s := w.start()
	pool := w.pool(s)
	w.certify(1, pool, patients(10))
	w.certify(2, pool, patients(20))
	var points atomic.Int64
	w.setFail(func(string) error {
		if points.Add(1) >= at {
			return errCrash
		}
		return nil
	})
	order := buyer.Order{Pool: pool, Out: w.out}
	ordered := s.Pull(t.Context(), order)
	time.Sleep(10 * time.Second) // in fake time: all is opened by then, or the machine is dead
	time.Sleep(10 * time.Second)
	crashed := points.Load() >= at
	require.NoError(t, s.Stop(t.Context()))
	w.setFail(nil)

	s = w.start()
	if ordered != nil {
		require.NoError(t, s.Pull(t.Context(), order))
	}
	w.settle(func() bool { return done(s, 1, buyer.StateOpened, buyer.StateFinal) && done(s, 2, buyer.StateOpened) })
	for id := range pdx.DealID(2) {
		require.Equal(t, 1, w.acks[id+1])
		require.Equal(t, patients(10*int(id+1)), w.file(t, id+1, "records.ndjson"))
		w.set(id+1, pdx.DealFinal)
	}
	_, err := s.ClosePool(t.Context(), pool)
	require.NoError(t, err)
	w.settle(func() bool { return done(s, 1, buyer.StateFinal) && done(s, 2, buyer.StateFinal) })
	w.settle(func() bool { n, _ := w.secrets.Count(t.Context()); return n == 0 })
	require.Len(t, w.stored, 1, "only the criteria stay")
	left, err := filepath.Glob(filepath.Join(w.out, "deal-*", ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, s.Stop(t.Context()))
	return crashed
}

func done(s *buyer.Service, id pdx.DealID, states ...buyer.State) bool {
	return slices.Contains(states, state(s, id))
}
