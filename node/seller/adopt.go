package seller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/adopt"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// markName is the key of the mark before which all of this account's deals have ended.
const markName = "seller"

// adoptDeals compares this account's deals on the ledger with the sales that are known,
// and takes up those that are not: the database was lost, or is older than they are.
func (s *Service) adoptDeals(ctx context.Context) error {
	err := adopt.Deals(ctx, s.ledger, s.marks, markName, pdx.DealFilter{Seller: s.account}, func(d pdx.Deal) error {
		if d.Seller != s.account {
			return fmt.Errorf("deal %v: %w: the ledger lists it under another seller", d.ID, pdx.ErrCorrupt)
		}
		err := s.recognise(ctx, d)
		if errors.Is(err, pdx.ErrCorrupt) { // the damaged record of one sale, which health names
			s.log.WarnContext(ctx, "cannot take up a sale", slog.Uint64("deal_id", uint64(d.ID)), slog.Any("error", err))
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("this account's sales: %w", err)
	}
	s.workers.wakeAll() // sales that waited for this go on
	return nil
}

// recognise sees to it that a deal of this account has its sale.
func (s *Service) recognise(ctx context.Context, d pdx.Deal) error {
	sale, err := saleBy(ctx, s, s.feed.sealed, "Dataset.Root", d.Dataset.Root)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	switch known := err == nil; {
	case !known && d.State.Ended() && !s.feed.unsealed(d.Pool):
		return nil // history
	case !known:
		return s.takeUp(ctx, adopted(d))
	case sale.Deal == 0 && sale.State.Ended(): // its offer came through after all
		return s.revive(ctx, sale, d)
	}
	return nil // its worker finds the deal by itself
}

// takenUp begins the ids of sales that were taken up from the chain.
const takenUp = "deal-"

// wholePrice is a commission of everything, in basis points.
const wholePrice = 10_000

// TakenUp reports whether the sale with that id was taken up from the chain.
func TakenUp(id string) bool { return strings.HasPrefix(id, takenUp) }

// adopted is the sale of a deal that this node had forgotten. Its terms are those
// that the ledger shows; they are proven before anything is done on them.
func adopted(d pdx.Deal) model.Sale {
	return model.Sale{
		ID: takenUp + d.ID.String(), Pool: d.Pool, Fields: d.Fields, Agreed: sorted(d.Agreed), Validators: acceptedIn(d),
		Terms: agreedIn(d),
		State: model.SaleState(d.State), Nonce: d.Dataset.Nonce, Dataset: &d.Dataset, Deal: d.ID,
		MaxCommission: wholePrice, MaxDeposit: d.Deposit, // the chain held the offer to its bounds
		Adopted: true, Unproven: true, Created: d.Entered(pdx.DealOffered).Time.UTC(), Updated: time.Now().UTC(),
	}
}

// acceptedIn are the validators that the seller accepted with its offer.
func acceptedIn(d pdx.Deal) []pdx.Address {
	if d.Draw != nil {
		return sorted(d.Draw.Candidates)
	}
	return sorted(d.Validators)
}

// agreedIn are the terms that a deal was offered on. The seller's account signed
// the offer, so what the chain proves of it stands in for what the seller saw then.
func agreedIn(d pdx.Deal) model.Terms {
	return model.Terms{
		Buyer: d.Buyer, Key: d.BuyerKey, Price: d.Price, Criteria: d.Criteria, Required: d.Required, TermsHash: d.TermsHash,
	}
}

// takeUp records a sale and goes on with it.
func (s *Service) takeUp(ctx context.Context, sale model.Sale) error {
	if !s.life.Running() {
		return fmt.Errorf("%w: the seller is not running", pdx.ErrWrongState)
	}
	if err := s.sales.Put(ctx, sale.ID, sale); err != nil {
		return fmt.Errorf("record sale: %w", err)
	}
	s.log.InfoContext(ctx, "took up a sale that this node had forgotten",
		slog.String("sale_id", sale.ID), slog.Uint64("deal_id", uint64(sale.Deal)), slog.String("state", string(sale.State)))
	s.feed.set(sale)
	s.employ(sale)
	return nil
}

// revive goes on with a sale that was given up while its offer was still under way.
func (s *Service) revive(ctx context.Context, sale model.Sale, d pdx.Deal) error {
	sale.State, sale.Reason, sale.Deal, sale.Settled = model.SaleState(d.State), "", d.ID, false
	return s.takeUp(ctx, sale)
}

// proveTerms replaces what the ledger shows of an adopted sale by what is proven.
func (s *Service) proveTerms(ctx context.Context, sale model.Sale) (model.Sale, error) {
	d, head, err := s.prover.Deal(ctx, sale.Deal)
	switch {
	case err != nil:
		return sale, fmt.Errorf("the sale was found on the chain and waits until deal %d is proven: %w", sale.Deal, err)
	case head.ChainID != s.chainID:
		return sale, fmt.Errorf("%w: the ledger is of chain %q, not %q", pdx.ErrRefused, head.ChainID, s.chainID)
	case d.Seller != s.account || d.Dataset.Root != sale.Dataset.Root:
		return sale, fmt.Errorf("deal %v: %w", sale.Deal, ErrOtherTerms)
	}
	proven := adopted(d)
	change := func(sale *model.Sale) {
		sale.Unproven, sale.Reason = false, ""
		sale.Pool, sale.Fields, sale.Validators, sale.Terms = proven.Pool, proven.Fields, proven.Validators, proven.Terms
		sale.Agreed = proven.Agreed
		sale.Nonce, sale.Dataset = proven.Nonce, proven.Dataset
		sale.MaxCommission, sale.MaxDeposit = proven.MaxCommission, proven.MaxDeposit
	}
	if err := s.change(ctx, sale.ID, change); err != nil {
		return sale, err
	}
	change(&sale)
	return sale, nil
}

// CompareAgain compares the sales with the ledger once more: blocks were skipped,
// so events may be missing.
func (s *Service) CompareAgain() { s.adoption.Again() }

// Compared is closed when all sales of this account that have not ended are known.
func (s *Service) Compared() <-chan struct{} { return s.adoption.Done() }

// CompareTrouble is why the last comparison with the ledger failed, nil if it did not.
func (s *Service) CompareTrouble() error { return s.adoption.Err() }

// Needed are the ciphertexts of all sales that are not settled.
func (s *Service) Needed(context.Context) ([]pdx.ContentID, error) { return s.feed.sealed.Terms(), nil }

// mayWaitForDeals is pdx.ErrUnavailable for a sale that an earlier process left
// unsealed, until this account's deals on the ledger are known: an older database
// may have forgotten that the sale went on.
func (s *Service) mayWaitForDeals(sale model.Sale) error {
	if !s.inherited[sale.ID] || s.adoption.HasRun() {
		return nil
	}
	if err := s.adoption.Err(); err != nil {
		return fmt.Errorf("%w: waits until this account's deals are read: %v", pdx.ErrUnavailable, err)
	}
	return errReadingDeals
}

var errReadingDeals = fmt.Errorf("%w: waits until this account's deals are read from the chain", pdx.ErrUnavailable)

// soldBefore ends a sale whose records were offered into its pool before, in a
// deal that this node had forgotten, and gives that deal's sale its records back.
func (s *Service) soldBefore(ctx context.Context, sale model.Sale) (bool, error) {
	if !s.inherited[sale.ID] {
		return false, nil
	}
	adopted, err := s.sales.Find(ctx, "Adopted", true)
	if err != nil {
		return false, err
	}
	for _, other := range adopted {
		if other.Pool != sale.Pool {
			continue
		}
		same, err := s.sealedFrom(ctx, other, sale)
		if err != nil {
			return false, err
		}
		if same {
			return true, s.giveRecords(ctx, sale, other)
		}
	}
	return false, nil
}

// giveRecords gives the records of a sale to the adopted sale that was sealed from them, and
// ends it. If that is over as well, the records go as its own would have.
func (s *Service) giveRecords(ctx context.Context, sale, other model.Sale) (err error) {
	records := sale.Disclosed
	if other.Settled {
		if sale, err = s.letGoOfRecords(sale); err != nil {
			return err
		}
		records = sale.Disclosed
	} else {
		err = s.change(ctx, other.ID, func(other *model.Sale) {
			if other.Disclosed == "" {
				other.Data, other.Disclosed, other.DisclosedHash, other.Records = sale.Data, sale.Disclosed, sale.DisclosedHash, sale.Records
				other.CriteriaVersion, other.Resources, other.Left = sale.CriteriaVersion, sale.Resources, sale.Left
			}
		})
		if err != nil {
			return err
		}
	}
	return s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Settled, sale.Disclosed = model.SaleFailed, true, records
		sale.Reason = fmt.Sprintf("offered before this node's database was restored: it goes on as deal %d", other.Deal)
	})
}

// sealedFrom reports whether the dataset of an adopted sale was sealed from what
// another sale discloses.
func (s *Service) sealedFrom(ctx context.Context, other, sale model.Sale) (bool, error) {
	if !slices.Equal(other.Fields, sale.Fields) {
		return false, nil
	}
	plain, err := s.openCopy(ctx, sale)
	if err != nil {
		return false, err
	}
	defer plain.Close()
	same, err := s.isPlaintext(ctx, *other.Dataset, plain)
	if errors.Is(err, ErrSeed) { // sealed by another home: nobody can tell
		return false, nil
	}
	return same, err
}

// isPlaintext reports whether a dataset was sealed from plain.
func (s *Service) isPlaintext(ctx context.Context, ds pdx.Dataset, plain records.Plaintext) (bool, error) {
	if plain.Size != seal.PlaintextSize(ds.Size) {
		return false, nil
	}
	key, err := s.datasetKey(ctx, ds)
	if err != nil {
		return false, err
	}
	commitment, err := key.Commitment(plain.Stream(ctx), ds.AEAD)
	return commitment == ds.Commitment, err
}
