package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/internal/message"
)

// checkBonds refuses a pool of which no deal could ever be certified, before its escrow is
// locked: too few of the validators have a bond as large as the stake of one deal. Whether
// they have as much of it free is another matter, which changes as deals end.
func (s *Service) checkBonds(ctx context.Context, p pdx.NewPool) error {
	stake, err := s.pools.Stake(ctx, p.Price, p.Certificates)
	if err != nil {
		return err
	}
	able, most := uint32(0), pdx.Amount(0)
	for _, address := range p.Validators {
		v, err := s.pools.Validator(ctx, address)
		if errors.Is(err, pdx.ErrNotFound) {
			return nil // the chain names it
		}
		if err != nil {
			return err
		}
		if most = max(most, v.Bond); v.Bond >= stake {
			able++
		}
	}
	if needed := max(p.Certificates, p.Draw); able < needed {
		return fmt.Errorf("%w: at this price, of which %s accept, each stands for %s of its bond in every deal;"+
			" %d of %d have bonded as much, %d are needed, and the largest bond is %s:"+
			" lower the price, raise k, or name validators with larger bonds", pdx.ErrRefused,
			message.Count(p.Certificates, "validator"), stake.MED(), able, len(p.Validators), needed, most.MED())
	}
	return nil
}

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
