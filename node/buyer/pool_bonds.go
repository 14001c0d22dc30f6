package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
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
