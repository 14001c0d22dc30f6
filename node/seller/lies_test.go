package seller_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/fieldlies"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// liar is the chain as an endpoint shows it that lies about a deal without proof.
type liar struct {
	mu   sync.Mutex
	tell func(pdx.Deal) pdx.Deal // nil tells the truth
}

// liarOver is a liar that knows the truth from a ledger.
type liarOver struct {
	seller.Ledger
	*liar
}

func (l *liar) over(truth seller.Ledger) seller.Ledger { return liarOver{truth, l} }

func (l *liar) set(tell func(pdx.Deal) pdx.Deal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell = tell
}

func (l liarOver) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error) {
	d, err := l.Ledger.Deal(ctx, id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.tell != nil {
		d = l.tell(d)
	}
	return d, err
}

// number tells the lie of a number, about the deal as it is then, and later the one about
// the same field.
func (l *liar) number(i int, field *string, last *bool) {
	l.set(func(d pdx.Deal) pdx.Deal {
		all := fieldlies.About(d,
			pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal, pdx.DealLapsed, pdx.DealUnacked,
			pdx.DealUndelivered, pdx.DealFraud, pdx.AckBuyer, pdx.AckQuorum)
		if *field == "" {
			*field, *last = all[i].Field, i == len(all)-1
		}
		for _, lie := range all {
			if lie.Field == *field {
				return lie.Value
			}
		}
		return d
	})
}

// Whatever field an endpoint lies about, the seller opens its dataset to the deal's
// validators only, delivers to the true buyer, and gives up nothing.
func TestLiesInEveryField(t *testing.T) {
	for i, last := 0, false; !last; i++ {
		inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
			field, ended := "", false
			w.liar.number(i, &field, &ended)
			id := w.sell(t, s)
			for range 20 {
				time.Sleep(time.Minute)
				synctest.Wait()
			}
			require.NotEmpty(t, field)
			sale := w.sale(t, s, id)
			if sale.Settled {
				require.Equal(t, model.SaleFinal, sale.State, field)
			}
			w.liar.set(nil)
			w.until(t, func() bool { return w.sale(t, s, id).Settled })
			w.requireSoldOnce(t, s, 0)
			for len(w.asked) > 0 {
				require.Contains(t, w.chain.pool.Validators, <-w.asked, field)
			}
			last = ended
			require.True(t, !last || i > 20)
		})
	}
}

// An endpoint does not choose who learns the dataset: it is opened to those that are
// proven to be drawn, and to nobody before.
func TestDrawnSetIsProven(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.pool.Draw, w.chain.pool.Certificates = 1, 1
		everybody := slices.Clone(w.chain.pool.Validators)
		w.liar.set(func(d pdx.Deal) pdx.Deal {
			d.Validators = everybody
			if d.Draw != nil {
				d.Draw = &pdx.Draw{Count: d.Draw.Count, Candidates: d.Draw.Candidates, Height: 101}
			}
			return d
		})
		id := w.sell(t, s)
		w.reaches(t, s, id, model.SaleOffered)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Empty(t, w.asked, "nobody is drawn")
		w.chain.mu.Lock()
		w.chain.deals[0].Validators = everybody[1:]
		w.chain.deals[0].Draw.Height = 150
		w.chain.mu.Unlock()
		w.until(t, func() bool { return len(w.asked) > 0 })
		w.liar.set(nil)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		for len(w.asked) > 0 {
			require.Equal(t, everybody[1], <-w.asked)
		}
	})
}
