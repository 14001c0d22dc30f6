package validator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/internal/message"
)

// Admit tells quickly, from the ledger alone, whether a request of asker about a
// deal would be taken up; the error is the one that Validate would return.
func (s *Service) Admit(ctx context.Context, asker pdx.Address, deal pdx.DealID) error {
	ctx, leave, err := s.life.Enter(ctx)
	if err != nil {
		return ErrStopped
	}
	defer leave()
	return s.ask(ctx, Request{Deal: deal, Asker: asker})
}

// ask checks, on the deal as the ledger shows it, that this validator may answer a request
// to its asker.
func (s *Service) ask(ctx context.Context, req Request) error {
	deal, err := s.ledger.Deal(ctx, req.Deal)
	switch {
	case errors.Is(err, pdx.ErrNotFound):
		// The seller may be a block ahead of this node.
		return ownFault("this validator does not see the deal on chain yet", err)
	case err != nil:
		return ownFault("this validator cannot read the chain now", err)
	}
	if err := s.admissible(req, deal); err != nil || s.certificate(deal) != nil {
		return err
	}
	return s.roleCheck(ctx, deal)
}

// askProven is ask with the deal as the chain proves it.
func (s *Service) askProven(ctx context.Context, req Request) (pdx.Deal, error) {
	if err := s.ask(ctx, req); err != nil { // it costs less
		return pdx.Deal{}, err
	}
	deal, err := s.proven(ctx, req.Deal)
	if err != nil {
		return pdx.Deal{}, err
	}
	return deal, s.admissible(req, deal)
}

// admissible checks that this validator may answer a request about a deal.
func (s *Service) admissible(req Request, deal pdx.Deal) error {
	switch {
	case deal.Seller != req.Asker:
		return fmt.Errorf("%w: only the deal's seller can ask for its validation", pdx.ErrRefused)
	case deal.Undrawn():
		// The seller may be a block ahead: the next one draws its validators.
		return ownFault("this validator does not see on chain yet who is drawn", nil)
	case !slices.Contains(deal.Validators, s.account):
		return fmt.Errorf("%w: this validator is not among the deal's", pdx.ErrRefused)
	case s.certificate(deal) != nil:
		return nil
	case deal.State != pdx.DealOffered:
		return fmt.Errorf("%w: the deal is %s and takes no certificates", pdx.ErrWrongState, deal.State)
	case deal.Dataset.Size > s.maxDataset:
		return fmt.Errorf("%w (%d bytes; at most %d)", ErrTooLarge, deal.Dataset.Size, s.maxDataset)
	}
	return nil
}

// roleCheck is nil while the chain takes this validator's accept of the deal: nothing
// is pulled and checked for a verdict that would be refused.
func (s *Service) roleCheck(ctx context.Context, deal pdx.Deal) error {
	v, err := s.ledger.Validator(ctx, s.account)
	switch {
	case errors.Is(err, pdx.ErrNotFound):
		return noVerdict("this account is not a registered validator", err)
	case err != nil:
		return ownFault("this validator cannot read the chain now", err)
	case v.Status == pdx.ValidatorJailed:
		return ownFault(fmt.Sprintf("this validator is jailed until %s and certifies nothing before",
			message.Time(v.JailedUntil)), nil)
	case v.Status != pdx.ValidatorBonded:
		return noVerdict(fmt.Sprintf("this validator is %s and certifies nothing any more", v.Status), nil)
	case v.Bond < v.Staked+deal.Stake:
		return ownFault(fmt.Sprintf("%s of this validator's bond are staked in open deals, and too little is left for the stake of this one, %s",
			v.Staked.MED(), deal.Stake.MED()), nil)
	}
	return nil
}

// certificate is this validator's on the deal, or nil.
func (s *Service) certificate(deal pdx.Deal) *pdx.Certificate {
	i := slices.IndexFunc(deal.Certificates, func(c pdx.Certificate) bool { return c.Validator == s.account })
	if i < 0 {
		return nil
	}
	return &deal.Certificates[i]
}

// answered is the verdict that the chain holds already. Its findings are known
// only while this validator has the record of the same report.
func (s *Service) answered(ctx context.Context, deal pdx.Deal) (pdx.Verdict, bool) {
	c := s.certificate(deal)
	if c == nil {
		return pdx.Verdict{}, false
	}
	record, err := s.records.get(ctx, deal.ID)
	if err == nil && record.Verdict != nil && record.Verdict.Report == c.Report {
		s.certified(ctx, record, c.Available)
		return *record.Verdict, true
	}
	return pdx.Verdict{Accepted: c.Accepted, Reason: c.Reason, Report: c.Report}, true
}

// facts is the hash of the facts of a deal as it was read.
func (s *Service) facts(deal pdx.Deal) [32]byte { return attest.FactsOf(s.chainID, deal).Hash() }

// judged is the record of a deal whose verdict waits for the chain, or
// pdx.ErrNotFound when it must be checked: for the first time, or again because
// the ciphertext that a certificate would promise is gone, or because another deal
// was shown when it was checked.
func (s *Service) judged(ctx context.Context, deal pdx.Deal) (Record, error) {
	record, err := s.records.get(ctx, deal.ID)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return Record{}, ownFault("this validator cannot read its records", err)
	}
	if err != nil || record.Verdict == nil || record.Facts != s.facts(deal) {
		return Record{}, pdx.ErrNotFound
	}
	if !record.Verdict.Accepted {
		return record, nil
	}
	blob, err := s.blobs.Open(ctx, record.Root)
	if errors.Is(err, pdx.ErrCorrupt) {
		err = s.rotten(ctx, record.Root)
	}
	switch {
	case errors.Is(err, pdx.ErrNotFound):
		return Record{}, pdx.ErrNotFound
	case err != nil:
		return Record{}, ownFault("this validator cannot read its blobs", err)
	}
	return record, blob.Close()
}

// Request is a seller's wish that a deal be checked.
type Request struct {
	Deal pdx.DealID
	// Asker is the account that the asking peer proved to be.
	Asker pdx.Address
	// Peer is that peer's identity in text form; the ciphertext is pulled from it.
	Peer string
	// Opening is M, and Proof its dleq-v1 proof (64 bytes) in the open-dataset
	// context of this deal and this validator.
	Opening pdx.Element
	Proof   []byte
}

// Queue is how busy a validator is.
type Queue struct {
	Running, Workers int // validations under way, and how many there can be
	Waiting, Slots   int // requests that wait, and how many may
	Each             int // requests of one asker that may run or wait
	Certifying       int // requests whose verdict waits for a block
}
