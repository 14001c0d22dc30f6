package validator

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/adopt"
)

// markName is the key of the mark before which all of this validator's deals have ended.
const markName = "validator"

// compare finds the promises that this validator gave on chain and does not know of,
// or does not have the ciphertext for: the database was lost, or is older than they
// are, or came out of a backup, which holds no ciphertext that others serve.
func (s *Service) compare(ctx context.Context) error {
	err := adopt.Deals(ctx, s.ledger, s.marks, markName, pdx.DealFilter{Validator: s.account, NoTexts: true}, func(d pdx.Deal) error {
		c := s.certificate(d)
		if d.State.Ended() || c == nil || !c.Accepted || !c.Available {
			return nil
		}
		err := s.adoptPromise(ctx, d, *c)
		if errors.Is(err, pdx.ErrCorrupt) { // the damaged record of one deal, which health names
			s.log.WarnContext(ctx, "cannot take up a promise", "deal_id", d.ID, "error", err)
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("this validator's promises: %w", err)
	}
	return nil
}

// adoptPromise sees to it that a promise has its record, and its ciphertext.
func (s *Service) adoptPromise(ctx context.Context, d pdx.Deal, c pdx.Certificate) error {
	release, ok := s.deals.Try(d.ID)
	if !ok {
		return nil // it is being validated here now
	}
	defer release()
	record, err := s.records.get(ctx, d.ID)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	if err != nil || !record.serves() {
		if err != nil {
			record = recordOf(d)
		}
		// The deal may have ended, and its record may have gone, since it was listed.
		if d, err := s.ledger.Deal(ctx, d.ID); err != nil || d.State.Ended() {
			return err
		}
		if _, err := s.acknowledge(ctx, record, c); err != nil {
			return err
		}
		s.log.InfoContext(ctx, "took up a promise that this validator had forgotten", "deal_id", d.ID)
	}
	s.checkServed(ctx, d)
	return nil
}

// CompareAgain compares the promises with the ledger once more: blocks were skipped,
// so events may be missing.
func (s *Service) CompareAgain() { s.adoption.Again() }

// Compared is closed when all promises of this validator are known.
func (s *Service) Compared() <-chan struct{} { return s.adoption.Done() }

// CompareTrouble is why the last comparison with the ledger failed, nil if it did not.
func (s *Service) CompareTrouble() error { return s.adoption.Err() }

// Needed are the blobs of deals that go on: ciphertexts and documents.
func (s *Service) Needed(ctx context.Context) (ids []pdx.ContentID, err error) {
	records, err := s.records.all()
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		ids = append(ids, r.Documents...)
		if r.keeps() {
			ids = append(ids, r.Root)
		}
	}
	return ids, nil
}
