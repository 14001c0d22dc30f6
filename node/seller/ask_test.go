package seller_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// failing answers with err every time.
func failing(err error) ask {
	return func(context.Context, *world, pdx.Address, seller.Request, func(pdx.Progress)) (pdx.Verdict, error) {
		return pdx.Verdict{}, err
	}
}

// afterFailures fails so many times before it is honest.
func afterFailures(n int, err error) ask {
	return func(ctx context.Context, w *world, v pdx.Address, r seller.Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
		if n--; n >= 0 {
			return pdx.Verdict{}, err
		}
		return honest(ctx, w, v, r, progress)
	}
}

func TestRefusingAndBusyValidators(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.pool.Certificates = 1
		w.validators["panacea1val1"] = failing(fmt.Errorf("%w: too large for me", pdx.ErrRefused))
		w.validators["panacea1val2"] = afterFailures(4, fmt.Errorf("%w: busy", pdx.ErrUnavailable))
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		sale := w.sale(t, s, id)
		require.Equal(t, model.SaleFinal, sale.State)
		asked := map[pdx.Address]int{}
		for len(w.asked) > 0 {
			asked[<-w.asked]++
		}
		require.Equal(t, map[pdx.Address]int{"panacea1val1": 1, "panacea1val2": 5}, asked)
		for _, c := range sale.Checks {
			if c.Validator == "panacea1val1" {
				require.Equal(t, model.StageRefused, c.Stage)
				require.Contains(t, c.Message, "too large for me")
			}
		}
	})
}

func TestRefusalByMistake(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.validators["panacea1val1"] = afterFailures(2, fmt.Errorf("%w: I do not know you", pdx.ErrRefused))
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		require.Equal(t, model.SaleFinal, w.sale(t, s, id).State)
	})
}

func TestAskingEndsWithTheDeal(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		ended := make(chan struct{})
		w.validators["panacea1val1"] = func(
			ctx context.Context, _ *world, _ pdx.Address, _ seller.Request, progress func(pdx.Progress),
		) (pdx.Verdict, error) {
			progress(pdx.Progress{Stage: pdx.StagePulling})
			<-ctx.Done()
			close(ended)
			return pdx.Verdict{}, ctx.Err()
		}
		w.validators["panacea1val2"] = failing(fmt.Errorf("%w: nobody there", pdx.ErrUnavailable))
		id := w.sell(t, s)
		sale := w.reaches(t, s, id, model.SaleOffered)
		w.until(t, func() bool { c := w.sale(t, s, id).Checks; return len(c) == 2 && c[0].Stage != "" && c[1].Stage != "" })
		w.chain.move(sale.Deal, pdx.DealLapsed)
		<-ended
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		require.Equal(t, "too few validators certified it in time", w.sale(t, s, id).Reason)
		for len(w.asked) > 0 {
			<-w.asked
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Empty(t, w.asked, "nobody is asked about a deal that has ended")
	})
}

// A rejection ends a deal before its reasons have come; they are waited for.
func TestReasonsAreHeardOut(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		late := func(ctx context.Context, w *world, v pdx.Address, r seller.Request, p func(pdx.Progress)) (pdx.Verdict, error) {
			verdict, err := rejecting(ctx, w, v, r, p)
			if v == "panacea1val1" {
				w.chain.move(r.Deal, pdx.DealLapsed)
			}
			select {
			case <-time.After(time.Second):
				return verdict, err
			case <-ctx.Done():
				return pdx.Verdict{}, ctx.Err()
			}
		}
		w.validators["panacea1val1"], w.validators["panacea1val2"] = late, late
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		require.Equal(t, model.SaleLapsed, w.sale(t, s, id).State)
		for _, c := range w.sale(t, s, id).Checks {
			require.NotEmpty(t, c.Findings, c.Validator)
		}
	})
}

// A verdict that waits for a block is heard with its reasons, and its validator is
// left alone: the chain tells the rest.
func TestVerdictBeforeItsBlock(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		block := make(chan func())
		pending := func(ctx context.Context, w *world, v pdx.Address, r seller.Request, p func(pdx.Progress)) (pdx.Verdict, error) {
			go func() { block <- func() { _, _ = rejecting(ctx, w, v, r, p) } }()
			return pdx.Verdict{Reason: pdx.RejectCriteria, Findings: []pdx.Finding{{Record: 1, Path: "/id", Rule: "required"}}, Pending: true}, nil
		}
		w.validators["panacea1val1"], w.validators["panacea1val2"] = pending, pending
		id := w.sell(t, s)
		sale := w.reaches(t, s, id, model.SaleOffered)
		certify := []func(){<-block, <-block}
		synctest.Wait()
		for _, c := range w.sale(t, s, id).Checks {
			require.Equal(t, pdx.StageCertifying, c.Stage, c.Validator)
			require.NotEmpty(t, c.Findings, c.Validator)
		}
		require.Len(t, w.asked, 2)
		for _, one := range certify {
			one()
		}
		w.chain.move(sale.Deal, pdx.DealLapsed)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		for _, c := range w.sale(t, s, id).Checks {
			require.Equal(t, pdx.StageDone, c.Stage, c.Validator)
			require.NotEmpty(t, c.Findings, "the reasons that came before the block stay")
		}
		require.Len(t, w.asked, 2, "nobody is asked again")
	})
}

// A validator whose certificate does not get into a block is asked again.
func TestVerdictThatGetsIntoNoBlock(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		lost := true
		w.validators["panacea1val1"] = func(
			ctx context.Context, w *world, v pdx.Address, r seller.Request, p func(pdx.Progress),
		) (pdx.Verdict, error) {
			if lost {
				lost = false
				return pdx.Verdict{Accepted: true, Pending: true}, nil
			}
			return honest(ctx, w, v, r, p)
		}
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		require.Equal(t, model.SaleFinal, w.sale(t, s, id).State)
	})
}

// A certificate that the seller did not hear of is taken from the chain, and its
// validator is not asked.
func TestVerdictHeardFromTheChain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.validators["panacea1val1"] = func(
			ctx context.Context, w *world, v pdx.Address, r seller.Request, p func(pdx.Progress),
		) (pdx.Verdict, error) {
			_, err := honest(ctx, w, v, r, p)
			require.NoError(t, err)
			return pdx.Verdict{}, fmt.Errorf("%w: the line is dead", pdx.ErrUnavailable)
		}
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		for _, c := range w.sale(t, s, id).Checks {
			require.Equal(t, pdx.StageDone, c.Stage, c.Validator)
			require.True(t, c.Accepted)
		}
	})
}
