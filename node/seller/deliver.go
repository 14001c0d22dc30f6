package seller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/model"
)

// deliver is the step from Acked to Delivered. The delivery is written down
// before anyone can see it, and the same one is sent until the ledger shows it.
func (s *Service) deliver(ctx context.Context, sale model.Sale, deal pdx.Deal) (time.Duration, error) {
	if sale.Delivery != nil {
		return s.send(ctx, *sale.Delivery, soon)
	}
	// Only now: once it may have been seen, holding it back would lose the price
	// and keep nothing secret. Nothing of it leaves this node, not even to be
	// simulated, before the deal that it is made for is proven.
	proven, head, err := s.proven(ctx, sale)
	if err != nil {
		return 0, err
	}
	if proven.State != pdx.DealAcked {
		return s.notAcked(deal, proven, head)
	}
	if err := s.inTime(head, proven); err != nil {
		return 0, err
	}
	return s.handOver(ctx, sale, proven, nil)
}

// handOver makes the delivery of a deal, on a voucher if there is one, writes it
// down and sends it. It believes the deal that it is given: whoever calls it has
// seen to that.
func (s *Service) handOver(ctx context.Context, sale model.Sale, deal pdx.Deal, voucher *pdx.AckVoucher) (time.Duration, error) {
	if voucher != nil {
		deal.AckHeight = voucher.AckHeight
	}
	made, err := s.makeDelivery(ctx, sale, deal)
	if err != nil {
		return 0, err
	}
	made.SignedAck = voucher
	if err := s.change(ctx, sale.ID, func(sale *model.Sale) { sale.Delivery = &made }); err != nil {
		return 0, err
	}
	return s.send(ctx, made, soon)
}

// send broadcasts a delivery that is written down. Where the chain says that the
// deal is in another state it moved on, or is about to: look again after a while.
func (s *Service) send(ctx context.Context, d pdx.Delivery, while time.Duration) (time.Duration, error) {
	err := s.wallet.Deliver(ctx, d)
	if errors.Is(err, pdx.ErrWrongState) {
		return while, nil
	}
	if err != nil {
		return 0, fmt.Errorf("deliver: %w", err)
	}
	return soon, nil
}

// onTerms checks that a deal is the one that was offered, on the terms that were
// agreed to: above all, that the key goes to the buyer's key and pays the price.
func (s *Service) onTerms(sale model.Sale, deal pdx.Deal) error {
	differs := map[string]bool{
		"number":   deal.ID != sale.Deal,
		"pool":     deal.Pool != sale.Pool,
		"payee":    deal.Seller != s.account,
		"buyer":    deal.Buyer != sale.Terms.Buyer,
		"key":      deal.BuyerKey != sale.Terms.Key,
		"price":    deal.Price != sale.Terms.Price,
		"criteria": deal.Criteria != sale.Terms.Criteria,
		"quorum":   deal.Required != sale.Terms.Required,
		"dataset":  deal.Dataset != *sale.Dataset,
		"fields":   !slices.Equal(deal.Fields, sale.Fields),
		"terms":    deal.TermsHash != sale.Terms.TermsHash,
		"deposit":  deal.Deposit > sale.MaxDeposit,
	}
	for what, differ := range differs {
		if differ {
			return fmt.Errorf("%w: the ledger shows another %s", ErrOtherTerms, what)
		}
	}
	var commission uint32
	for _, c := range deal.Accepted() {
		commission += c.Commission
		if !slices.Contains(sale.Validators, c.Validator) {
			return fmt.Errorf("%w: %s certified it, who was not accepted", ErrOtherTerms, c.Validator)
		}
	}
	if commission > sale.MaxCommission {
		return fmt.Errorf("%w: commissions are %d basis points, the order was for at most %d", ErrOtherTerms, commission, sale.MaxCommission)
	}
	return nil
}

// inTime checks that a quarter of the time for the key is left, in blocks and by
// the later of the chain's clock and this machine's.
func (s *Service) inTime(head pdx.Head, deal pdx.Deal) error {
	i := slices.IndexFunc(deal.History, func(step pdx.Step) bool { return step.State == pdx.DealAcked })
	if i < 0 || deal.AckHeight == 0 || deal.AckHeight > head.Height {
		return fmt.Errorf("%w: the ledger does not show when the deal was acknowledged", ErrOtherTerms)
	}
	now := time.Now()
	if head.Time.After(now) {
		now = head.Time
	}
	blocks, left := deal.DeadlineHeight-deal.AckHeight, deal.DeadlineHeight-head.Height
	whole, rest := deal.DeadlineTime.Sub(deal.History[i].Time), deal.DeadlineTime.Sub(now)
	if left < (blocks+keyShare-1)/keyShare || rest < whole/keyShare {
		return fmt.Errorf("%w: %d of %s and %s of %s are left", ErrTooLate, max(left, 0), message.Count(blocks, "block"),
			message.Duration(max(rest, 0)), message.Duration(whole))
	}
	return nil
}

// makeDelivery encrypts the dataset's key to the buyer, bound to everything that
// the seller is paid by.
func (s *Service) makeDelivery(ctx context.Context, sale model.Sale, deal pdx.Deal) (pdx.Delivery, error) {
	key, err := s.datasetKey(ctx, *sale.Dataset)
	if err != nil {
		return pdx.Delivery{}, err
	}
	terms := attest.Deliver{
		ChainID: s.chainID, Pool: deal.Pool, Deal: deal.ID, Seller: deal.Seller, Buyer: deal.Buyer,
		Denom: pdx.Denom, Price: uint64(deal.Price), AckHeight: deal.AckHeight,
		Cert: attest.CertHash(deal.Dataset, deal.Criteria, deal.Accepted()),
	}
	d1, d2, proof, err := key.Deliver(terms.Hash(), deal.BuyerKey)
	if err != nil {
		return pdx.Delivery{}, fmt.Errorf("encrypt the key: %w", err)
	}
	return pdx.Delivery{Deal: deal.ID, D1: d1, D2: d2, Proof: proof}, nil
}

// proven reads a sale's deal as the chain proves it, and checks that it is on
// the terms that were offered.
func (s *Service) proven(ctx context.Context, sale model.Sale) (pdx.Deal, pdx.Head, error) {
	deal, head, err := s.prover.Deal(ctx, sale.Deal)
	if err != nil {
		return deal, head, fmt.Errorf("key withheld: deal %d is not verified: %w", sale.Deal, err)
	}
	if head.ChainID != s.chainID {
		return deal, head, fmt.Errorf("%w: the ledger is of chain %q, not %q", pdx.ErrRefused, head.ChainID, s.chainID)
	}
	return deal, head, s.onTerms(sale, deal)
}

// canProve is ErrCannotProve while deals cannot be proven: an offer is a promise
// to deliver, and its deposit is lost without a delivery.
func (s *Service) canProve(ctx context.Context) error {
	if err := s.prover.Ready(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrCannotProve, err)
	}
	return nil
}

// mayOffer is canProve for a sale that was ordered before. Such a sale waits,
// whatever the reason: its owner has the time that the pool is open to mend it.
func (s *Service) mayOffer(ctx context.Context, sale model.Sale) error {
	if !sale.Tried.IsZero() { // the deposit may be at risk already
		return nil
	}
	if err := s.canProve(ctx); err != nil {
		return fmt.Errorf("%w: %v", pdx.ErrUnavailable, err)
	}
	return nil
}

// notAcked is what to do about a deal that is shown as acked and not proven to
// be: a state is proven by the block after it, which may be a moment away.
func (s *Service) notAcked(shown, proven pdx.Deal, head pdx.Head) (time.Duration, error) {
	if proven.State == pdx.DealCertified && shown.AckHeight >= head.Height && shown.AckHeight <= head.Height+proofLag {
		return soon, nil
	}
	return 0, fmt.Errorf("%w: it is proven to be %s at height %d", ErrNotAcked, proven.State, head.Height)
}
