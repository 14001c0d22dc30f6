package validator

import (
	"context"
	"errors"

	"github.com/medibloc/pdx"
)

// pull completes the ciphertext in the store. Not getting it is never the
// seller's fault on chain: who cut the line cannot be told from here.
func (s *Service) pull(ctx context.Context, deal pdx.Deal, peer string, report func(pdx.Progress)) error {
	ds := deal.Dataset
	from := Source{Account: deal.Seller, Pool: deal.Pool, Role: pdx.RoleSeller, Peer: peer}
	step := steps(pdx.StagePulling, ds.Size, report)
	step(0)
	err := s.fetcher.Fetch(ctx, from, ds.Root, ds.Size, func(held, _ uint64) { step(held) })
	return fetchFault("the ciphertext", "the seller", err)
}

// fetchFault tells the other side's failure from this machine's.
func fetchFault(what, whom string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pdx.ErrUnavailable), errors.Is(err, pdx.ErrNotFound), errors.Is(err, pdx.ErrRefused), errors.Is(err, pdx.ErrCorrupt):
		return missing("this validator could not get "+what+" from "+whom, err)
	default:
		return ownFault("this validator could not keep "+what, err)
	}
}

// steps reports done of total bytes at most progressSteps times, so that a slow
// listener does not slow the work.
func steps(stage pdx.Stage, total uint64, report func(pdx.Progress)) func(done uint64) {
	next := uint64(0)
	return func(done uint64) {
		if done < next && done < total {
			return
		}
		next = done + total/progressSteps + 1
		report(pdx.Progress{Stage: stage, Done: done, Total: total})
	}
}
