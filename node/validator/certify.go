package validator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/medibloc/pdx"
)

// certify puts a recorded verdict on chain. What the chain says afterwards
// decides, not the answer to the transaction: an answer can be lost, and an
// earlier attempt may have arrived.
func (s *Service) certify(asked context.Context, deal pdx.Deal, record Record) (pdx.Verdict, error) {
	// The asker may leave now: the verdict is reached and costs nothing more.
	ctx, cancel := context.WithTimeout(s.life.Context(), certifyTime)
	defer cancel()
	head, err := s.ledger.Head(ctx)
	if err != nil {
		return pdx.Verdict{}, ownFault("this validator cannot read the chain now", err)
	}
	if deal, err = s.ledger.Deal(ctx, deal.ID); err != nil {
		return pdx.Verdict{}, ownFault("this validator cannot read the chain now", err)
	}
	if deal.State == pdx.DealCertified && deal.Draw == nil && s.certificate(deal) == nil {
		// The chain would record it, for a fee and for nothing: nobody waits for it.
		return pdx.Verdict{}, uncertified(deal, nil)
	}
	if record, err = s.recheck(ctx, deal, record); err != nil {
		return pdx.Verdict{}, err
	}
	v := *record.Verdict
	sent := s.ledger.Certify(ctx, deal.ID, record.Facts, pdx.Certificate{
		Validator: s.account, Accepted: v.Accepted, Reason: v.Reason, Report: v.Report,
		Set: record.Set, Available: v.Accepted && s.promises, ExpiryHeight: s.expiry(deal, head),
	})
	if sent != nil {
		if deal, err = s.ledger.Deal(ctx, deal.ID); err != nil {
			return pdx.Verdict{}, ownFault("this validator cannot read the chain now", errors.Join(sent, err))
		}
		if held, ok, err := s.certifiedAlready(ctx, deal); ok || err != nil {
			return held, err
		}
		return pdx.Verdict{}, uncertified(deal, sent)
	}
	s.certified(context.WithoutCancel(asked), record, v.Accepted && s.promises)
	return v, nil
}

// expiry is the last height at which a certificate of now must hold: the deal may
// wait for other certificates and then for its ack, or for the deadline after
// which the promises stand in for it.
func (s *Service) expiry(deal pdx.Deal, head pdx.Head) int64 {
	wait := max(0, deal.DeadlineHeight-head.Height) + deal.Blocks(deal.Deadlines.Ack)
	return head.Height + max(s.validity, expirySlack*wait)
}

// uncertified explains why the chain holds no certificate.
func uncertified(deal pdx.Deal, err error) error {
	switch {
	case deal.State != pdx.DealOffered:
		return fmt.Errorf("%w: the deal is %s and takes no certificates", pdx.ErrWrongState, deal.State)
	case errors.Is(err, pdx.ErrInvalid), errors.Is(err, pdx.ErrRefused), errors.Is(err, pdx.ErrWrongState):
		return noVerdict("the chain refused this validator's certificate", err)
	default: // no funds for the fee, no answer
		return ownFault("this validator could not put its verdict on chain", err)
	}
}

// certified notes that the chain holds the verdict. The chain remembers in any case, so
// failures are only logged: the sweep repeats it until it is done. A ciphertext that was
// rejected is let go of, for its verdict can be given again without it; one that was accepted
// and not promised goes once the certificate is proven.
func (s *Service) certified(ctx context.Context, record Record, promised bool) {
	v := *record.Verdict
	noted, err := s.acknowledge(ctx, record, pdx.Certificate{Accepted: v.Accepted, Reason: v.Reason, Report: v.Report, Available: promised})
	if err == nil && !v.Accepted {
		err = s.discard(ctx, noted)
	}
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "cannot note a certificate; trying again", slog.Uint64("deal_id", uint64(record.Deal)), causeOf(err))
	}
	if err != nil || !noted.keeps() {
		s.sweeps.hint(record.Deal)
	}
}

// acknowledge brings a record to the certificate that the chain holds: what the
// chain shows decides, whatever was recorded before it was sent. It is repeated
// until it is on disk, so that a crash, a full disk or a late block between the
// transaction and the record breaks no promise.
func (s *Service) acknowledge(ctx context.Context, record Record, c pdx.Certificate) (Record, error) {
	if s.duties.has(record.Deal) { // it is done once the certificate is proven
		s.duties.hint(record.Deal)
	}
	if v := record.Verdict; v == nil || v.Report != c.Report || v.Accepted != c.Accepted {
		record.Verdict = &pdx.Verdict{Accepted: c.Accepted, Reason: c.Reason, Report: c.Report}
	} else if record.Certified && record.Promised == c.Available {
		return record, nil
	}
	record.Certified, record.Promised = true, c.Available
	if err := s.records.putShown(ctx, record); err != nil {
		return record, ownFault("this validator cannot write its records", err)
	}
	return record, nil
}
