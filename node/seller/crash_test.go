package seller_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
)

var errCrash = errors.New("the machine lost power")

// power fails at the n-th moment, counted before and after every call that
// leaves the role, and stays off: nothing is read or written any more.
type power struct {
	mu     sync.Mutex
	failAt int // 0: never
	moment int
	off    bool
	full   bool // the disk takes no blobs
}

// fill fills the disk of blobs, or frees it.
func (p *power) fill(full bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.full = full
}

func (p *power) freeSpace() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full {
		return store.ErrFull
	}
	return nil
}

func (p *power) check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moment++
	if p.moment == p.failAt {
		p.off = true
	}
	if p.off {
		return errCrash
	}
	return nil
}

// cutAt has the power fail at the n-th moment from now.
func (p *power) cutAt(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moment, p.failAt = 0, n
}

// restore brings the power back for good.
func (p *power) restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.off, p.failAt = false, 0
}

func (p *power) isOff() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.off
}

// powered makes a call that may fail before it did anything, or after it did.
func powered[T any](p *power, call func() (T, error)) (T, error) {
	var zero T
	if err := p.check(); err != nil {
		return zero, err
	}
	result, err := call()
	if err := p.check(); err != nil {
		return zero, err
	}
	return result, err
}

func poweredDo(p *power, call func() error) error {
	_, err := powered(p, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

type poweredLedger struct {
	*power
	seller.Ledger
}

func (l poweredLedger) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error) {
	return powered(l.power, func() (pdx.Deal, error) { return l.Ledger.Deal(ctx, id) })
}

func (l poweredLedger) DealByRoot(ctx context.Context, pool pdx.PoolID, root pdx.ContentID, key pdx.Element) (pdx.Deal, error) {
	return powered(l.power, func() (pdx.Deal, error) { return l.Ledger.DealByRoot(ctx, pool, root, key) })
}

type poweredWallet struct {
	*power
	seller.Wallet
}

func (w poweredWallet) Offer(ctx context.Context, o pdx.Offer) (pdx.DealID, error) {
	return powered(w.power, func() (pdx.DealID, error) { return w.Wallet.Offer(ctx, o) })
}

func (w poweredWallet) Deliver(ctx context.Context, d pdx.Delivery) error {
	return poweredDo(w.power, func() error { return w.Wallet.Deliver(ctx, d) })
}

type poweredBlobs struct {
	*power
	seller.Blobs
}

func (b poweredBlobs) Create(ctx context.Context) (seller.BlobWriter, error) {
	if err := b.freeSpace(); err != nil {
		return nil, err
	}
	w, err := powered(b.power, func() (seller.BlobWriter, error) { return b.Blobs.Create(ctx) })
	return poweredWriter{b.power, w}, err
}

func (b poweredBlobs) Delete(ctx context.Context, root pdx.ContentID) error {
	return poweredDo(b.power, func() error { return b.Blobs.Delete(ctx, root) })
}

type poweredWriter struct {
	*power
	seller.BlobWriter
}

func (w poweredWriter) Write(p []byte) (int, error) {
	return powered(w.power, func() (int, error) { return w.BlobWriter.Write(p) })
}

func (w poweredWriter) Commit(ctx context.Context) (root pdx.ContentID, size uint64, err error) {
	root, err = powered(w.power, func() (pdx.ContentID, error) {
		root, n, err := w.BlobWriter.Commit(ctx)
		size = n
		return root, err
	})
	return root, size, err
}

type poweredValidators struct {
	*power
	seller.Validators
}

func (v poweredValidators) Ask(ctx context.Context, a pdx.Address, r seller.Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	return powered(v.power, func() (pdx.Verdict, error) { return v.Validators.Ask(ctx, a, r, progress) })
}

type poweredTable[T any] struct {
	*power
	seller.Table[T]
}

func (t poweredTable[T]) Put(ctx context.Context, key string, value T) error {
	return poweredDo(t.power, func() error { return t.Table.Put(ctx, key, value) })
}

func (t poweredTable[T]) Update(ctx context.Context, key string, change func(T) (T, error)) (T, error) {
	return powered(t.power, func() (T, error) { return t.Table.Update(ctx, key, change) })
}

type poweredSecrets struct {
	*power
	seller.Secrets
}

func (s poweredSecrets) Put(ctx context.Context, name string, value []byte) error {
	return poweredDo(s.power, func() error { return s.Secrets.Put(ctx, name, value) })
}

// TestCrash cuts the power at every moment of a sale, starts the node again and
// sees the sale to its end: one offer, one delivery, one dataset.
func TestCrash(t *testing.T) {
	throughCrashes(t, newWorld)
}

// TestCrashOfFolder does the same with a folder.
func TestCrashOfFolder(t *testing.T) {
	throughCrashes(t, func(t *testing.T) *world {
		w := newWorld(t)
		w.registerWard(t, w.service(t))
		return w
	})
}

func throughCrashes(t *testing.T, newWorld func(*testing.T) *world) {
	for moment := 1; ; moment++ {
		finished := false
		synctest.Test(t, func(t *testing.T) { finished = sellThroughCrash(t, newWorld(t), moment) })
		if finished {
			require.Greater(t, moment, 40, "a sale has more moments than that")
			return
		}
	}
}

// sellThroughCrash says whether the sale was over before the power failed.
func sellThroughCrash(t *testing.T, w *world, moment int) (finished bool) {
	w.power.failAt = moment
	s := w.start(t)
	ordered, err := s.Sell(t.Context(), w.order())
	if err == nil {
		w.until(t, func() bool { return w.power.isOff() || w.sale(t, s, ordered.ID).Settled })
	}
	finished = !w.power.isOff()
	w.stop(t, s)

	cut := w.cutSealing(t)
	w.power = &power{}
	s = w.start(t)
	defer w.stop(t, s)
	if len(sales(t, s)) == 0 { // the order was lost; its person is told and repeats it
		require.Error(t, err)
		_, err := s.Sell(t.Context(), w.order())
		require.NoError(t, err)
	}
	id := sales(t, s)[0].ID
	w.until(t, func() bool { return w.sale(t, s, id).Settled })
	w.requireSoldOnce(t, s, moment)
	require.NotEqual(t, cut, w.chain.deals[0].Dataset.Nonce, "moment %d: a nonce was used for two sealings", moment)
	return finished
}

// cutSealing is the nonce of a sealing that was cut short, or zero.
func (w *world) cutSealing(t *testing.T) (nonce [32]byte) {
	t.Helper()
	sales, err := w.sales.All(t.Context())
	require.NoError(t, err)
	if len(sales) == 1 && sales[0].Dataset == nil {
		nonce = sales[0].Nonce
	}
	return nonce
}

// requireSoldOnce checks what chain and node hold after one whole sale.
func (w *world) requireSoldOnce(t *testing.T, s *seller.Service, moment int) {
	t.Helper()
	require.Len(t, sales(t, s), 1)
	require.Len(t, w.chain.deals, 1, "moment %d: offered twice", moment)
	sale, deal := sales(t, s)[0], w.chain.deals[0]
	require.Equal(t, model.SaleFinal, sale.State, "moment %d: %s", moment, sale.Reason)
	require.Equal(t, *sale.Dataset, deal.Dataset)
	require.Equal(t, sale.Delivery, deal.Delivery)
	require.Equal(t, w.plain, w.open(t, deal))
	require.Equal(t, 10*deposit+price, w.chain.balance+w.chain.module, "paid once")
	for info, err := range w.blobs.List(t.Context()) {
		require.NoError(t, err)
		require.NotEqual(t, deal.Dataset.Root, info.ID, "the ciphertext is let go")
	}
}
