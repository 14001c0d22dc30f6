package seller_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store/homestest"
)

// oldLedger is what the chain knew when a home was made.
type oldLedger struct {
	Height          int64
	Pool            pdx.Pool
	Deals           []pdx.Deal
	Balance, Module pdx.Amount
	BuyerKey        [32]byte
	Documents       map[string][]byte
}

// TestOldHomes takes up sales where a seller of commit 3862413 left them, one home
// for each state, and sees each to its end: nothing is offered or delivered twice.
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
	ledger oldLedger
	sales  []model.Sale
	data   []model.Data
	seed   []byte
	blobs  [][]byte
	files  string
}

func unpack(t *testing.T, homes homestest.Archive, name string) oldHome {
	t.Helper()
	var old oldHome
	h := homes.Open(t, name, &old.ledger)
	defer h.Close(t)
	old.files, old.sales, old.data = h.Files, homestest.Rows[model.Sale](t, h, "sales"), homestest.Rows[model.Data](t, h, "data")
	var err error
	old.seed, err = h.Secrets.Get(t.Context(), "seller/seed")
	if !errors.Is(err, pdx.ErrNotFound) {
		require.NoError(t, err)
	}
	old.blobs = h.Contents(t)
	return old
}

// goOn starts a seller on an old home and lets the other parties do their part.
func goOn(t *testing.T, old oldHome) {
	t.Helper()
	w := newWorld(t)
	w.takeOver(t, old)
	s := w.start(t)
	defer w.stop(t, s)
	if len(sales(t, s)) == 0 { // the order was not on disk yet
		_, err := s.Sell(t.Context(), w.order())
		require.NoError(t, err)
	}
	id := sales(t, s)[0].ID
	w.drive(t)
	w.until(t, func() bool { return w.sale(t, s, id).Settled })
	require.Len(t, sales(t, s), 1)
	require.Len(t, w.chain.deals, 1, "offered once")
	d := w.chain.deals[0]
	require.Equal(t, string(d.State), string(w.sale(t, s, id).State))
	if d.Delivery != nil && len(old.blobs) > 0 { // else nobody has the ciphertext any more
		require.Equal(t, w.plain, w.open(t, d))
	}
	for info, err := range w.blobs.List(t.Context()) {
		require.NoError(t, err)
		require.NotEqual(t, d.Dataset.Root, info.ID, "the ciphertext is let go")
	}
}

// takeOver fills the world with an old home and what the chain knew.
func (w *world) takeOver(t *testing.T, old oldHome) {
	t.Helper()
	ctx := t.Context()
	var err error
	w.buyer, err = seal.BuyerKeyFromBytes(old.ledger.BuyerKey[:])
	require.NoError(t, err)
	w.docs = documents{}
	for _, raw := range old.ledger.Documents {
		w.docs[criteria.IDOf(raw)] = raw
	}
	c := w.chain
	c.height, c.deals, c.balance, c.module = old.ledger.Height, old.ledger.Deals, old.ledger.Balance, old.ledger.Module
	c.pool = old.ledger.Pool
	c.pool.MediaType = criteria.NDJSON // the chain always had it
	known, err := w.data.All(ctx)
	require.NoError(t, err)
	for _, d := range known {
		require.NoError(t, w.data.Delete(ctx, d.ID))
	}
	for _, d := range old.data {
		require.NoError(t, w.data.Put(ctx, d.ID, d))
	}
	for i := range c.deals { // the chain of that time had no hashes, and offers no bounds
		c.deals[i].FieldsHash, c.deals[i].TermsHash = attest.FieldsHash(c.deals[i].Fields), attest.TermsHash(c.pool.Terms)
	}
	for _, s := range old.sales {
		require.NoError(t, w.sales.Put(ctx, s.ID, bounded(c.pool, s)))
	}
	if old.seed != nil {
		require.NoError(t, w.secrets.Put(ctx, "seller/seed", old.seed))
	}
	for _, raw := range old.blobs {
		b, err := blobs{w.blobs}.Create(ctx)
		require.NoError(t, err)
		_, err = b.Write(raw)
		require.NoError(t, err)
		_, _, err = b.Commit(ctx)
		require.NoError(t, err)
	}
	w.folder, w.file = old.files+"/disclosed", old.files+"/visits.ndjson"
	w.plain = disclosedOf(t, w.file)
}

// disclosedOf are the records of the file as they are sold: without the name.
func disclosedOf(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var plain strings.Builder
	for line := range strings.Lines(string(raw)) {
		id, rest, _ := strings.Cut(line, `, "name": `)
		_, age, _ := strings.Cut(rest, `, "age": `)
		plain.WriteString(strings.Replace(id, `"id": `, `"id":`, 1) + `,"age":` + age)
	}
	return plain.String()
}

// drive does what validators that answered and the buyer owe the deal.
func (w *world) drive(t *testing.T) {
	t.Helper()
	w.until(t, func() bool {
		w.chain.mu.Lock()
		defer w.chain.mu.Unlock()
		if len(w.chain.deals) == 0 {
			return false
		}
		switch d := w.chain.deals[0]; d.State {
		case pdx.DealCertified:
			w.chain.enter(d.ID, pdx.DealAcked)
		case pdx.DealDelivered:
			w.chain.enter(d.ID, pdx.DealFinal)
		default:
			return d.State.Ended()
		}
		return false
	})
}
