package buyer_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store/homestest"
)

// oldLedger is what the chain knew when a home was made, and what the seller had.
type oldLedger struct {
	Height     int64
	Pools      []pdx.Pool
	Deals      map[pdx.DealID]pdx.Deal
	SellerSeed [32]byte
	Remote     map[string][]byte
	Acks       map[pdx.DealID]int
	Signed     bool // the buyer acknowledges off chain
}

// TestOldHomes takes up deals where a buyer of commit 3862413 left them, one home
// for each state, and sees each to its end: one ack, one complaint, whole records.
func TestOldHomes(t *testing.T) {
	homes := homestest.Read(t, "testdata/homes-3862413.tar.gz")
	for _, name := range homes.Names() {
		t.Run(name, func(t *testing.T) {
			old := unpack(t, homes, name)
			synctest.Test(t, func(t *testing.T) { goOn(t, old) })
		})
	}
}

// oldHome is what was read of a home before time is virtual.
type oldHome struct {
	ledger    oldLedger
	creations []buyer.Creation
	orders    []model.PullOrder
	pulls     []model.Pull
	poolKey   []byte
	blobs     [][]byte
	files     string
}

func unpack(t *testing.T, homes homestest.Archive, name string) oldHome {
	t.Helper()
	var old oldHome
	h := homes.Open(t, name, &old.ledger)
	defer h.Close(t)
	old.files = h.Files
	old.creations = homestest.Rows[buyer.Creation](t, h, "pools")
	old.orders = homestest.Rows[model.PullOrder](t, h, "orders")
	old.pulls = homestest.Rows[model.Pull](t, h, "pulls")
	var err error
	old.poolKey, err = h.Secrets.Get(t.Context(), "pool-key/wish-1")
	if !errors.Is(err, pdx.ErrNotFound) {
		require.NoError(t, err)
	}
	old.blobs = h.Contents(t)
	return old
}

// goOn starts a buyer on an old home and lets the other parties do their part.
func goOn(t *testing.T, old oldHome) {
	t.Helper()
	w := newWorld(t)
	w.takeOver(t, old)
	s := w.start()
	synctest.Wait()
	w.request(t, s, old)
	w.drive(s)
	p := find(s, 1)
	require.NoError(t, s.Stop(t.Context()))

	d := w.deals[1]
	require.LessOrEqual(t, w.acks[1], 1)
	require.LessOrEqual(t, len(w.complaints), 1)
	switch d.State {
	case pdx.DealFinal:
		if p.State == model.PullFinal {
			require.Equal(t, patients(10), w.file(t, 1, "records.ndjson"))
		} else {
			require.Equal(t, model.PullFailed, p.State)
			require.Equal(t, model.FaultCommitment, p.Evidence.Fault)
			return // the ciphertext stays as evidence
		}
	default:
		require.Equal(t, string(d.State), string(p.State))
	}
	require.NotContains(t, w.stored, d.Dataset.Root, "the ciphertext has served its time")
}

// takeOver fills the world with an old home and what the chain knew.
func (w *world) takeOver(t *testing.T, old oldHome) {
	t.Helper()
	ctx := t.Context()
	w.out, w.prompt = old.files, true
	if old.ledger.Signed {
		w.signer = identitytest.New("buyer")
	}
	w.head.Height, w.pools, w.deals, w.acks = old.ledger.Height, old.ledger.Pools, old.ledger.Deals, old.ledger.Acks
	seed, err := seal.SeedFromBytes(old.ledger.SellerSeed[:])
	require.NoError(t, err)
	for id, d := range w.deals {
		w.keys[id], err = seed.Dataset(d.Dataset.Nonce)
		require.NoError(t, err)
	}
	for _, raw := range old.ledger.Remote {
		w.remote[seller][blake3.Sum256(raw)] = raw
	}
	for _, raw := range old.blobs {
		w.stored[blake3.Sum256(raw)] = raw
	}
	for _, c := range old.creations {
		require.NoError(t, w.creations.Put(ctx, c.RequestID, c))
	}
	for _, o := range old.orders {
		require.NoError(t, w.orders.Put(ctx, o.Pool.String()+"/"+o.Deal.String(), o))
	}
	for _, p := range old.pulls {
		require.NoError(t, w.pulls.Put(ctx, p.Deal.String(), p))
	}
	if old.poolKey != nil {
		require.NoError(t, w.secrets.Put(ctx, "pool-key/wish-1", old.poolKey))
	}
}

// request repeats what its person asked for: a pool, its order, and for a pool
// without deals the first one.
func (w *world) request(t *testing.T, s *buyer.Service, old oldHome) {
	t.Helper()
	pool := w.pool(s)
	synctest.Wait()
	require.Len(t, w.pools, 1, "no second pool for the same request")
	if len(old.creations) > 0 {
		require.Equal(t, old.creations[0].Key, w.pools[0].Key)
	}
	if len(w.deals) == 0 {
		w.certify(1, pool, patients(10))
	}
	if len(old.orders) == 0 {
		w.order(s, pool)
	}
}

// drive does what the seller and the clock owe the deal, until the buyer has done
// with it.
func (w *world) drive(s *buyer.Service) {
	for range 48 {
		rest(time.Minute)
		switch state := w.deals[1].State; {
		case state == pdx.DealAcked:
			w.delivered(1)
		case state == pdx.DealDelivered && slices.Contains([]model.PullState{model.PullOpened, model.PullFailed}, find(s, 1).State):
			w.set(1, pdx.DealFinal)
		}
		w.pass(600)
		rest(time.Hour)
	}
}
