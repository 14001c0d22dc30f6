package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/exchange/seal"
)

// sealTagKeys gives a new pool its tag key: the commitment, and the key sealed to each
// validator. The recipient keys are proven: whoever could replace one would learn the tag key,
// and with it which records the pool's datasets have.
func (s *Service) sealTagKeys(ctx context.Context, key seal.BuyerKey, pool *pdx.NewPool) error {
	tagKey := dedup.NewKey(dedup.Pool{ChainID: s.chainID, BuyerKey: pool.Key}, key.TagSecret())
	pool.TagCommitment, pool.TagKeys = tagKey.Commitment(), nil
	for _, account := range pool.Validators {
		v, err := s.prover.Validator(ctx, account)
		if errors.Is(err, pdx.ErrNotFound) {
			return fmt.Errorf("validator %s: %w: it is not registered", account, pdx.ErrRefused)
		}
		if err != nil {
			return fmt.Errorf("recipient key of validator %s: %w", account, err)
		}
		if v.RecipientKey == [32]byte{} {
			return fmt.Errorf("validator %s: %w: it has no recipient key, so it cannot compare records;"+
				" name another one, or allow duplicates in the pool", account, pdx.ErrRefused)
		}
		sealed, err := tagKey.SealTo(account, v.RecipientKey[:])
		if err != nil {
			return fmt.Errorf("validator %s: %w", account, err)
		}
		pool.TagKeys = append(pool.TagKeys, sealed)
	}
	return nil
}
