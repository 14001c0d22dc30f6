package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// ClosePool ends a pool of this account and returns what was credited back to
// it. A pool that has ended already is no error and gives nothing.
func (s *Service) ClosePool(ctx context.Context, id pdx.PoolID) (refund pdx.Amount, err error) {
	refund, err = s.pools.ClosePool(ctx, id)
	if err == nil {
		s.hints.pool(id)
		return refund, nil
	}
	if pool, read := s.pools.Pool(ctx, id); errors.Is(err, pdx.ErrWrongState) && read == nil && pool.Buyer == s.account && pool.Status != pdx.PoolOpen {
		return 0, nil
	}
	return 0, fmt.Errorf("close pool %v: %w", id, err)
}
