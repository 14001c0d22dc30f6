package seller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/model"
)

// offer is the step from Offering to Offered. An earlier try may have reached
// the chain without this node hearing of it, so the ledger is asked first, and
// again before a refusal is believed: it may be about a second offer.
func (s *Service) offer(ctx context.Context, sale model.Sale) error {
	found, err := s.adopt(ctx, sale)
	if found || err != nil {
		return err
	}
	validators, err := s.offerable(ctx, sale)
	if err != nil {
		return s.doubt(ctx, sale, err)
	}
	if err := s.mayOffer(ctx, sale); err != nil {
		return err
	}
	possession, err := s.possession(ctx, sale)
	if err != nil {
		return err
	}
	if err := s.noteTry(ctx, sale); err != nil {
		return err
	}
	id, refusal := s.wallet.Offer(ctx, pdx.Offer{
		Pool: sale.Pool, Dataset: *sale.Dataset, Validators: validators, Agreed: sale.Agreed, Fields: sale.Fields,
		Price: sale.Terms.Price, MaxCommission: sale.MaxCommission, MaxDeposit: sale.MaxDeposit,
		TermsHash: sale.Terms.TermsHash, Possession: possession,
	})
	if refusal == nil {
		return s.offered(ctx, sale, id)
	}
	if found, err = s.adopt(ctx, sale); found || err != nil {
		return err
	}
	if hopeless(refusal) { // this one is in no block; the one before may be
		err = s.change(ctx, sale.ID, func(now *model.Sale) { now.Tried, now.TriedAt = sale.Tried, sale.TriedAt })
	}
	return errors.Join(s.doubt(ctx, sale, refusal), err)
}

// possession proves that this seller sealed the dataset that it offers.
func (s *Service) possession(ctx context.Context, sale model.Sale) ([]byte, error) {
	key, err := s.datasetKey(ctx, *sale.Dataset)
	if err != nil {
		return nil, err
	}
	bound := attest.OfferDataset{ChainID: s.chainID, Pool: sale.Pool, Seller: s.account, Root: sale.Dataset.Root}
	proof, err := key.ProvePossession(bound.Hash())
	if err != nil {
		return nil, fmt.Errorf("prove the dataset key: %w", err)
	}
	return proof, nil
}

// noteTry records the height before an offer is sent, from which on it may get into
// a block.
func (s *Service) noteTry(ctx context.Context, sale model.Sale) error {
	head, err := s.ledger.Head(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, sale.ID, func(sale *model.Sale) {
		if sale.Tried.IsZero() {
			sale.Tried = time.Now().UTC()
		}
		sale.TriedAt = head.Height
	})
}

// doubt keeps an answer from being final while an earlier offer of the same
// dataset may be on its way into a block. That is over after a number of blocks,
// whatever this machine's clock says. An older program did not note at which height
// it sent the offer; then the blocks are counted from now on.
func (s *Service) doubt(ctx context.Context, sale model.Sale, err error) error {
	if sale.Tried.IsZero() || !hopeless(err) {
		return err
	}
	head, unread := s.ledger.Head(ctx)
	switch {
	case unread != nil:
	case sale.TriedAt == 0:
		if err := s.change(ctx, sale.ID, func(now *model.Sale) { now.TriedAt = head.Height }); err != nil {
			return err
		}
	case head.Height > sale.TriedAt+offerDoubt:
		return err
	}
	return fmt.Errorf("%w: an offer that was sent before may still come through: %v", pdx.ErrUnavailable, err)
}

// offerable checks that the pool takes offers and is as it was, and returns the validators
// that the offer names: none in a pool that draws, which the chain takes for all.
func (s *Service) offerable(ctx context.Context, sale model.Sale) ([]pdx.Address, error) {
	pool, err := s.ledger.Pool(ctx, sale.Pool)
	switch {
	case err != nil:
		return nil, err
	case pool.Status != pdx.PoolOpen:
		return nil, fmt.Errorf("%w: the pool is %s and takes no offers", pdx.ErrWrongState, pool.Status)
	case termsOf(pool) != sale.Terms:
		return nil, fmt.Errorf("pool %v: %w", pool.ID, ErrOtherTerms)
	case pool.Draw != 0:
		return nil, nil
	}
	return sale.Validators, s.affordable(ctx, pool, sale)
}

// affordable refuses an offer that the chain would refuse because it costs more than the
// order was shown.
func (s *Service) affordable(ctx context.Context, pool pdx.Pool, sale model.Sale) error {
	commission, deposit, err := s.charges(ctx, pool, sale.Fields, sale.Validators)
	switch {
	case err != nil:
		return err
	case commission > sale.MaxCommission:
		return fmt.Errorf("%w: commissions rose to %d basis points, the order was for at most %d: sell again",
			ErrOtherTerms, commission, sale.MaxCommission)
	case deposit > sale.MaxDeposit:
		return fmt.Errorf("%w: the deposit rose to %s, the order was for at most %s: sell again",
			ErrOtherTerms, deposit.MED(), sale.MaxDeposit.MED())
	}
	return nil
}

// charges are what an offer of fields to validators of a pool costs now: the k highest
// commissions in basis points, and the deposit.
func (s *Service) charges(
	ctx context.Context, pool pdx.Pool, fields []string, validators []pdx.Address,
) (commission uint32, deposit pdx.Amount, err error) {
	var commissions []uint32
	for _, a := range validators {
		v, err := s.ledger.Validator(ctx, a)
		if err != nil {
			return 0, 0, err
		}
		commissions = append(commissions, v.Commission)
	}
	deposit, err = s.ledger.OfferDeposit(ctx, pool, fields, len(validators))
	return highest(commissions, pool.Certificates), deposit, err
}

// adopt takes the deal of this sale's dataset, if the ledger has one.
func (s *Service) adopt(ctx context.Context, sale model.Sale) (found bool, err error) {
	deal, err := s.ledger.DealByRoot(ctx, sale.Pool, sale.Dataset.Root, sale.Dataset.Key)
	if errors.Is(err, pdx.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if deal.Seller != s.account || deal.Dataset != *sale.Dataset {
		return false, fmt.Errorf("%w: deal %v of %s has this ciphertext", pdx.ErrRefused, deal.ID, deal.Seller)
	}
	return true, s.offered(ctx, sale, deal.ID)
}

func (s *Service) offered(ctx context.Context, sale model.Sale, id pdx.DealID) error {
	return s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Reason, sale.Deal = model.SaleOffered, "", id
	})
}
