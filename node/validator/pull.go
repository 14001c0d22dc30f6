package validator

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
)

// intake is a ciphertext that is pulled and checked.
type intake struct {
	deal   pdx.Deal
	key    *seal.Key
	rules  rules
	from   string // peer
	report func(pdx.Progress)
}

func (p intake) source() Source {
	return Source{Account: p.deal.Seller, Pool: p.deal.Pool, Role: pdx.RoleSeller, Peer: p.from}
}

// pull completes a ciphertext in the store. Not getting it is never the seller's fault on
// chain: who cut the line cannot be told from here.
func (s *Service) pull(ctx context.Context, p intake) error {
	ds := p.deal.Dataset
	step := steps(pdx.StagePulling, ds.Size, p.report)
	step(0)
	err := s.fetcher.Fetch(ctx, p.source(), ds.Root, ds.Size, func(held, _ uint64) { step(held) })
	return fetchFault("the ciphertext", "the seller", err)
}

// pullAndCheck completes a ciphertext in the store, until gather ends, and checks it. What
// reads forward is checked while it is pulled.
func (s *Service) pullAndCheck(ctx, gather context.Context, p intake, m *matching) (judgement, error) {
	if p.rules.atOffsets {
		if err := s.pull(gather, p); err != nil {
			return judgement{}, gathered(gather, err)
		}
		return s.check(ctx, p, m.keys())
	}
	ds := p.deal.Dataset
	stages := &stages{report: p.report}
	pulled := steps(pdx.StagePulling, ds.Size, stages.pulling)
	pulled(0)
	held := func(n, total uint64) {
		pulled(n)
		if n >= total {
			stages.pulled()
		}
	}
	var c *checking
	var failed error
	err := s.fetcher.Follow(gather, p.source(), ds.Root, ds.Size, held, func(ciphertext io.Reader) {
		if c, failed = p.begin(ctx, ciphertext, m.keys(), stages.checking); failed == nil {
			c.forward(ctx)
		}
	})
	switch {
	case err != nil:
		return judgement{}, gathered(gather, fetchFault("the ciphertext", "the seller", err))
	case failed != nil:
		return judgement{}, failed
	case c.late(): // it waited for bytes, which counts as its time
		if *m, err = s.matching(ctx, p.deal); err != nil {
			return judgement{}, err
		}
		return s.check(ctx, p, m.keys())
	}
	return s.judgementOf(ctx, c)
}

// stages reports one stage at a time of two that go on at once: the pull, until it is done.
type stages struct {
	mu     sync.Mutex
	report func(pdx.Progress)
	whole  bool
	check  pdx.Progress // the last of the check
}

func (x *stages) pulling(p pdx.Progress) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.whole {
		x.report(p)
	}
}

// pulled ends the first stage.
func (x *stages) pulled() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.whole = true; x.check.Stage != "" {
		x.report(x.check)
	}
}

func (x *stages) checking(p pdx.Progress) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.check = p; p.Done >= p.Total { // all of it is here, then
		x.whole = true
	}
	if x.whole {
		x.report(p)
	}
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
