package seller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// Ciphertext is a ciphertext that is made again, part by part, as it is read.
type Ciphertext interface {
	io.ReaderAt
	io.Closer
}

// ErrSource: the file that a sale is sealed from is gone, or not what was sealed. Nothing of
// it is served until it is back.
var ErrSource = records.ErrSource

// Ciphertext makes a ciphertext of this seller again out of the plaintext that it
// was sealed from. It is for a store that keeps its tree: whatever is read here
// must be found under root before it leaves the machine, because another
// plaintext under the same key would give both away.
//
// Errors: pdx.ErrNotFound when this seller did not seal it, ErrSource.
func (s *Service) Ciphertext(ctx context.Context, root pdx.ContentID) (Ciphertext, error) {
	sale, ok := s.feed.sealed.First(root)
	if !ok {
		return nil, fmt.Errorf("ciphertext %v: %w", root, pdx.ErrNotFound)
	}
	key, err := s.datasetKey(ctx, *sale.Dataset)
	if err != nil {
		return nil, err
	}
	f, err := s.openSource(ctx, sale)
	if err != nil {
		return nil, err
	}
	again, err := key.Remake(f, *sale.Dataset)
	if err != nil {
		f.Close()
		return nil, err
	}
	return remade{again, f}, nil
}

type remade struct {
	*seal.Remaker
	io.Closer
}

// openSource opens what a sale was sealed from, if it looks as it did then. That
// it is the same is proved segment by segment, when it is served.
func (s *Service) openSource(ctx context.Context, sale model.Sale) (folder.Source, error) {
	d, err := s.data.Get(ctx, sale.Data)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return nil, err
	}
	f, size, err := s.folders.Open(sale.ID, sale.Disclosed, d)
	if err != nil {
		return nil, err
	}
	if size != seal.PlaintextSize(sale.Dataset.Size) {
		f.Close()
		return nil, fmt.Errorf("%s: %w", sale.Disclosed, ErrSource)
	}
	return f, nil
}

// servable reports whether the ciphertext of a sale could be served now: those who
// are to pull it cannot say what is wrong on this machine.
func (w *worker) servable(ctx context.Context, sale model.Sale) error {
	s := w.service
	if err := s.spoilt(ctx, sale); err != nil {
		return err
	}
	if sale.Adopted && !sale.State.Ended() {
		if _, err := s.datasetKey(ctx, *sale.Dataset); err != nil {
			return err
		}
	}
	if sale.State != model.SaleOffered && sale.State != model.SaleCertified {
		return nil
	}
	err := s.blobs.Check(ctx, sale.Dataset.Root)
	if errors.Is(err, pdx.ErrNotFound) {
		w.gone = true
		return errGone
	}
	return err
}

// Sweep removes ciphertexts that a crash left: committed, but not yet recorded as
// a sale's. keep names those that are none: what was not there when this process
// started, and what other roles need. It comes after Compared, for a database that
// was lost or is older than the blobs does not name all that is needed.
func (s *Service) Sweep(ctx context.Context, keep func(root pdx.ContentID) bool) error {
	sales, err := s.sales.Find(ctx, "Settled", false)
	if err != nil {
		return fmt.Errorf("sweep ciphertexts: %w", err)
	}
	needed := map[pdx.ContentID]bool{}
	for _, sale := range sales {
		if sale.Dataset != nil {
			needed[sale.Dataset.Root] = true
		}
	}
	return s.blobs.Sweep(ctx, func(root pdx.ContentID) bool { return needed[root] || keep(root) })
}

// soldTo returns the settled sale of a ciphertext to a buyer, which is in the table only. It
// reads by an index, and asks no ledger.
func (s *Service) soldTo(ctx context.Context, buyer pdx.Address, root pdx.ContentID) (model.Sale, bool) {
	sales, err := s.sales.Find(ctx, "Dataset.Root", root)
	if err != nil {
		s.log.WarnContext(ctx, "settled sales cannot be read", slog.Any("error", err))
	}
	i := slices.IndexFunc(sales, func(sale model.Sale) bool {
		return sale.Settled && sale.State == model.SaleFinal && sale.Terms.Buyer == buyer
	})
	if i < 0 {
		return model.Sale{}, false
	}
	return sales[i], true
}

// MayPull says whether an account may pull a ciphertext from this seller: the
// deal's validators from the offer on, the pool's buyer once it is certified,
// both until the deal has ended; and after that the buyer who paid, for whom the
// ciphertext is made again. The ledger is asked each time.
//
// Errors: pdx.ErrNotFound when this seller does not sell it, and to all but the buyer who
// paid after the end; pdx.ErrRefused to a stranger, at the end, and to the buyer who paid when
// its data is gone; pdx.ErrUnavailable when it may be allowed later.
func (s *Service) MayPull(ctx context.Context, account pdx.Address, root pdx.ContentID) error {
	sale, ok := s.feed.offered.First(root)
	if !ok && account != "" {
		sale, ok = s.soldTo(ctx, account, root)
	}
	switch {
	case !ok && !s.life.Running(): // it has not read its sales yet
		return fmt.Errorf("ciphertext %v: %w: the seller is not running", root, pdx.ErrUnavailable)
	case !ok:
		return fmt.Errorf("ciphertext %v: %w", root, pdx.ErrNotFound)
	}
	id := sale.Deal
	deal, err := s.ledger.Deal(ctx, id)
	if err != nil {
		return fmt.Errorf("deal %v: %w: the ledger could not be read", id, pdx.ErrUnavailable)
	}
	buyer, validator := account == deal.Buyer, slices.Contains(deal.Validators, account)
	switch {
	case deal.Seller != s.account || deal.Dataset.Root != root:
		return fmt.Errorf("deal %v: %w", id, ErrOtherTerms)
	case account == "" || !buyer && !validator:
		return fmt.Errorf("deal %v: %w: not the buyer and not a validator of it", id, pdx.ErrRefused)
	case deal.State == pdx.DealFinal && buyer:
		return s.serveAgain(sale)
	case deal.State.Ended():
		return fmt.Errorf("deal %v: %w: it is %s", id, pdx.ErrRefused, deal.State)
	case deal.State == pdx.DealOffered && !validator:
		return fmt.Errorf("deal %v: %w: it is not certified yet", id, pdx.ErrUnavailable)
	}
	return nil
}
