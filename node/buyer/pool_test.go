package buyer_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

func TestCreatePool(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	p, err := s.CreatePool(t.Context(), request())
	require.NoError(t, err)
	require.Equal(t, pdx.Amount(500), p.Escrow)
	require.Equal(t, "Patients", p.Title)
	require.Equal(t, criteria.NDJSON, p.MediaType)
	require.True(t, s.MayPull(t.Context(), p.Criteria))
	require.False(t, s.MayPull(t.Context(), pdx.ContentID{1}))
	require.Contains(t, w.stored, p.Criteria)

	again, err := s.CreatePool(t.Context(), request())
	require.NoError(t, err)
	require.Equal(t, p.ID, again.ID)
	require.Len(t, w.pools, 1)

	other := request()
	other.Price++
	_, err = s.CreatePool(t.Context(), other)
	require.ErrorIs(t, err, pdx.ErrInvalid, "one id for two pools")
	other.RequestID = "wish-2"
	second, err := s.CreatePool(t.Context(), other)
	require.NoError(t, err)
	require.NotEqual(t, p.Key, second.Key)

	t.Run("documents are served after a restart", func(t *testing.T) {
		s := w.start()
		defer func() { require.NoError(t, s.Stop(t.Context())) }()
		require.True(t, s.MayPull(t.Context(), p.Criteria))
	})
}

// A pool whose criteria name an overlap has that overlap.
func TestCriteriaNameAnOverlap(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	r := request()
	r.Criteria = []byte(strings.Replace(string(wantPatients), `{`, `{"max_overlap_ppm": 5,`, 1))
	r.Criteria = []byte(strings.Replace(string(r.Criteria), `"version": 1`, `"version": 3`, 1))
	for _, change := range []func(){
		func() { r.AllowDuplicates, r.MaxOverlap = true, 0 },
		func() { r.AllowDuplicates, r.MaxOverlap = false, 4 },
	} {
		change()
		_, err := s.CreatePool(t.Context(), r)
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.ErrorContains(t, err, "max_overlap_ppm 5")
	}
	r.MaxOverlap = 5
	_, err := s.CreatePool(t.Context(), r)
	require.NoError(t, err)
}

func TestSchemasByCID(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	schema := []byte(`{"type": "object"}`)
	r := request()
	r.Criteria = []byte(strings.Replace(string(wantPatients), `{"type": "object"}`, fmt.Sprintf(`{"cid": %q}`, criteria.IDOf(schema)), 1))
	_, err := s.CreatePool(t.Context(), r)
	require.Error(t, err, "the schema is missing")
	require.Empty(t, w.pools)
	r.Schemas = [][]byte{schema}
	_, err = s.CreatePool(t.Context(), r)
	require.NoError(t, err)
	require.True(t, s.MayPull(t.Context(), criteria.IDOf(schema)))
}

func TestPoolsThatMakeNoSense(t *testing.T) {
	for name, spoil := range map[string]func(*model.PoolRequest){
		"no request id":         func(r *model.PoolRequest) { r.RequestID = "" },
		"long request id":       func(r *model.PoolRequest) { r.RequestID = strings.Repeat("x", 129) },
		"no criteria":           func(r *model.PoolRequest) { r.Criteria = nil },
		"broken criteria":       func(r *model.PoolRequest) { r.Criteria = []byte("{}") },
		"free":                  func(r *model.PoolRequest) { r.Price = 0 },
		"none wanted":           func(r *model.PoolRequest) { r.TargetCount = 0 },
		"too much money":        func(r *model.PoolRequest) { r.Price = math.MaxUint64 },
		"more k than there are": func(r *model.PoolRequest) { r.Certificates = 3 },
		"no certificate":        func(r *model.PoolRequest) { r.Certificates = 0 },
		"validator twice":       func(r *model.PoolRequest) { r.Validators = []pdx.Address{helper, helper} },
		"term twice":            func(r *model.PoolRequest) { r.Terms = []pdx.Term{{ID: 1}, {ID: 1}} },
		"over before it begins": func(r *model.PoolRequest) { r.Life = -1 },
	} {
		w := newWorld(t)
		r := request()
		spoil(&r)
		_, err := w.service().CreatePool(t.Context(), r)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
		require.Empty(t, w.pools, name)
		n, err := w.secrets.Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, name)
	}
}

// TestCreateCrashesAtEveryCall kills the machine around every call: the pool
// exists once, and its key is here.
func TestCreateCrashesAtEveryCall(t *testing.T) {
	for n := int64(1); ; n++ {
		w := newWorld(t)
		var points atomic.Int64
		w.setFail(func(string) error {
			if points.Add(1) >= n {
				return errCrash
			}
			return nil
		})
		_, err := w.service().CreatePool(t.Context(), request())
		crashed := points.Load() >= n
		require.Equal(t, crashed, err != nil)
		w.setFail(nil)
		p, err := w.service().CreatePool(t.Context(), request())
		if err != nil {
			require.ErrorIs(t, err, buyer.ErrUnsettled, "crash at %d", n)
			require.Empty(t, w.pools)
			w.head.Height += buyer.SettleBlocks + 1
			p, err = w.service().CreatePool(t.Context(), request())
		}
		require.NoError(t, err, "crash at %d", n)
		require.Len(t, w.pools, 1, "crash at %d", n)
		checkKey(t, w, p.Key)
		if !crashed {
			require.Greater(t, n, int64(10))
			return
		}
	}
}

func checkKey(t *testing.T, w *world, key pdx.Element) {
	t.Helper()
	secret, err := w.secrets.Get(t.Context(), "pool-key/wish-1")
	require.NoError(t, err)
	b, err := buyerKey(secret)
	require.NoError(t, err)
	require.Equal(t, key, b)
}

func TestLateTransactionMakesNoSecondPool(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	w.setFail(func(point string) error {
		if point == "+create" {
			return pdx.ErrUnavailable // sent, and nobody knows
		}
		return nil
	})
	_, err := s.CreatePool(t.Context(), request())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	w.setFail(nil)
	_, err = s.CreatePool(t.Context(), request())
	require.ErrorIs(t, err, buyer.ErrUnsettled)
	c, err := w.creations.Get(t.Context(), "wish-1")
	require.NoError(t, err)
	w.pools = append(w.pools,
		pdx.Pool{ID: 1, Buyer: "panacea1other", Key: c.Key},
		pdx.Pool{ID: 2, Buyer: me, Key: c.Key, Status: pdx.PoolOpen})
	p, err := s.CreatePool(t.Context(), request())
	require.NoError(t, err)
	require.Equal(t, pdx.PoolID(2), p.ID)
	require.Len(t, w.pools, 2)
}

func TestClearRefusalCanBeTriedAtOnce(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	w.setFail(func(point string) error {
		if point == "+create" {
			return pdx.ErrNoFunds
		}
		return nil
	})
	_, err := s.CreatePool(t.Context(), request())
	require.ErrorIs(t, err, pdx.ErrNoFunds)
	w.setFail(nil)
	_, err = s.CreatePool(t.Context(), request())
	require.NoError(t, err)
}

// TestAPoolTooDearForItsValidators is refused before anything is sent: k = 1 stands for a
// tenth of the price alone, and more validators share it.
func TestAPoolTooDearForItsValidators(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	r := request()
	r.Price, r.Certificates, r.Draw = 10*bond+10, 1, 0
	_, err := s.CreatePool(t.Context(), r)
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.ErrorContains(t, err, "each stands for "+(bond+1).MED())
	require.ErrorContains(t, err, "raise k")
	require.Empty(t, w.pools)
	r.Certificates = 2
	_, err = s.CreatePool(t.Context(), r)
	require.NoError(t, err, "nothing of the first attempt is kept")
	require.Len(t, w.pools, 1)
}

func TestSameRequestTwiceAtOnce(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			_, err := s.CreatePool(t.Context(), request())
			require.NoError(t, err)
		})
	}
	calls.Wait()
	require.Len(t, w.pools, 1)
}

func TestClosePool(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	id := w.pool(s)
	closed, err := s.ClosePool(t.Context(), model.ClosePool{ID: id})
	require.NoError(t, err)
	require.Equal(t, model.ClosedPool{Refund: 500}, closed)
	closed, err = s.ClosePool(t.Context(), model.ClosePool{ID: id})
	require.NoError(t, err)
	require.Zero(t, closed)
}

// TestClosePoolCostsWhatTheDryRunSaid: the offers that wait are paid from the escrow and, beyond
// it, by the buyer; nothing is closed at a higher cost than was agreed to.
func TestClosePoolCostsWhatTheDryRunSaid(t *testing.T) {
	for cost, want := range map[pdx.Amount]model.ClosedPool{
		0: {Refund: 500}, 200: {Refund: 300, Cost: 200}, 700: {Cost: 700, Extra: 200},
	} {
		w := newWorld(t)
		s := w.service()
		id := w.pool(s)
		w.pools[0].CloseCost = cost
		said, err := s.ClosePool(t.Context(), model.ClosePool{ID: id, DryRun: true})
		require.NoError(t, err)
		require.Equal(t, want, said)
		require.Equal(t, pdx.PoolOpen, w.pools[0].Status, "a dry run changes nothing")
		w.pools[0].CloseCost++ // another offer
		_, err = s.ClosePool(t.Context(), model.ClosePool{ID: id, MaxCost: &said.Cost})
		require.ErrorIs(t, err, pdx.ErrRefused)
		require.Equal(t, pdx.PoolOpen, w.pools[0].Status)
		w.pools[0].CloseCost--
		closed, err := s.ClosePool(t.Context(), model.ClosePool{ID: id, MaxCost: &said.Cost})
		require.NoError(t, err)
		require.Equal(t, said, closed)
	}
}

// A pool that has ended and whose datasets are all opened is not looked at any more. Its
// key stays: what is gone from the folder is opened with it again.
func TestPoolIsLeftAloneWhenItIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.prompt = true
		s := w.start()
		id := w.pool(s)
		w.certify(1, id, patients(1))
		w.certify(2, id, patients(2))
		w.order(s, id)
		w.settle(func() bool { return state(s, 1) == model.PullOpened && state(s, 2) == model.PullOpened })
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: id})
		require.NoError(t, err)
		w.set(1, pdx.DealFinal)
		w.settle(func() bool { return state(s, 1) == model.PullFinal })
		require.False(t, w.finished())
		w.set(2, pdx.DealFinal)
		w.settle(w.finished)
		checkKey(t, w, w.pools[0].Key)
		w.setFail(func(point string) error {
			require.NotEqual(t, "+deals", point, "nothing is left to do for the pool")
			return nil
		})
		s.Resume()
		time.Sleep(11 * time.Minute) // a bubble's
		synctest.Wait()
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestKeyIsDestroyedWhenNothingWasBought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		id := w.pool(s)
		w.certify(1, id, patients(1))
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: id})
		require.NoError(t, err)
		synctest.Wait()
		checkKey(t, w, w.pools[0].Key)
		w.set(1, pdx.DealUnacked)
		s.Resume()
		w.settle(func() bool { n, _ := w.secrets.Count(t.Context()); return n == 0 })
		require.NoError(t, s.Stop(t.Context()))
		_, err = s.Pull(t.Context(), model.PullOrder{Pool: id, Out: w.out})
		require.ErrorIs(t, err, pdx.ErrWrongState)
		_, err = s.Pull(t.Context(), model.PullOrder{Pool: id, Deal: 1, Out: w.out})
		require.ErrorIs(t, err, pdx.ErrWrongState)
	})
}

func TestKeyStaysForAPaidDealThatWasNeverPulled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		id := w.pool(s)
		w.certify(1, id, patients(1))
		w.set(1, pdx.DealAcked)
		w.delivered(1)
		w.set(1, pdx.DealFinal)
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: id})
		require.NoError(t, err)
		synctest.Wait()
		checkKey(t, w, w.pools[0].Key)
		w.order(s, id) // late is not too late
		w.settle(func() bool { return state(s, 1) == model.PullFinal })
		w.settle(w.finished)
		require.NoError(t, s.Stop(t.Context()))
	})
}
