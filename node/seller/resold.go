package seller

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
)

// mayWaitForDeals is pdx.ErrUnavailable for a sale that an earlier process left
// unsealed, until this account's deals on the ledger are known: an older database
// may have forgotten that the sale went on.
func (s *Service) mayWaitForDeals(sale Sale) error {
	s.mu.Lock()
	defer s.mu.Unlock()
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
func (s *Service) soldBefore(ctx context.Context, sale Sale) (bool, error) {
	s.mu.Lock()
	inherited := s.inherited[sale.ID]
	s.mu.Unlock()
	if !inherited {
		return false, nil
	}
	for _, other := range s.board.adoptedIn(sale.Pool) {
		same, err := s.sealedFrom(ctx, other, sale)
		if err != nil {
			return false, err
		}
		if !same {
			continue
		}
		err = s.change(ctx, other.ID, func(other *Sale) {
			if other.Disclosed != "" {
				return
			}
			other.Data, other.Disclosed, other.DisclosedHash, other.Records = sale.Data, sale.Disclosed, sale.DisclosedHash, sale.Records
		})
		if err != nil {
			return false, err
		}
		return true, s.change(ctx, sale.ID, func(sale *Sale) {
			sale.State, sale.Settled = Failed, true
			sale.Reason = fmt.Sprintf("offered before this node's database was restored: it goes on as deal %d", other.Deal)
		})
	}
	return false, nil
}

// sealedFrom reports whether the dataset of an adopted sale was sealed from what
// another sale discloses.
func (s *Service) sealedFrom(ctx context.Context, other, sale Sale) (bool, error) {
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
func (s *Service) isPlaintext(ctx context.Context, ds pdx.Dataset, plain plaintext) (bool, error) {
	if plain.size != seal.PlaintextSize(ds.Size) {
		return false, nil
	}
	key, err := s.datasetKey(ctx, ds)
	if err != nil {
		return false, err
	}
	commitment, err := key.Commitment(plain.stream(ctx), ds.AEAD)
	return commitment == ds.Commitment, err
}
