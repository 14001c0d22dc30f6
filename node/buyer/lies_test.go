package buyer_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/fieldlies"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// liar is the chain as an endpoint shows it that lies about a deal without proof.
type liar struct {
	*world
	mu   sync.Mutex
	tell func(pdx.Deal) pdx.Deal
}

func (l *liar) set(tell func(pdx.Deal) pdx.Deal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell = tell
}

func (l *liar) told(d pdx.Deal) pdx.Deal {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tell == nil {
		return d
	}
	return l.tell(d)
}

func (l *liar) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error) {
	d, err := l.world.Deal(ctx, id)
	if err == nil {
		d = l.told(d)
	}
	return d, err
}

func (l *liar) Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	deals, next, err := l.world.Deals(ctx, f)
	for i, d := range deals {
		deals[i] = l.told(d)
	}
	return deals, next, err
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

// Whatever field an endpoint lies about, before the ack or after the delivery, the buyer
// acknowledges and opens the true dataset, blames nobody, and ends nothing.
func TestLiesInEveryField(t *testing.T) {
	for name, delivered := range map[string]bool{"before the ack": false, "after the delivery": true} {
		t.Run(name, func(t *testing.T) {
			for i := 0; ; i++ {
				last := false
				synctest.Test(t, func(t *testing.T) { last = checkLie(t, i, delivered) })
				if last {
					require.Greater(t, i, 20)
					return
				}
			}
		})
	}
}

func checkLie(t *testing.T, number int, delivered bool) (last bool) {
	w := newWorld(t)
	l := &liar{world: w}
	s := w.start(func(c *buyer.Config) { c.Ledger = l })
	defer func() { require.NoError(t, s.Stop(t.Context())) }()
	w.order(s, w.pool(s))
	field, records := "", patients(3)
	if !delivered {
		l.number(number, &field, &last)
	}
	w.certify(1, 1, records)
	if delivered {
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		l.number(number, &field, &last)
		w.delivered(1)
	}
	rest(20 * time.Minute) // a lie lasts for longer than a deal goes unproven
	require.NotEmpty(t, field)
	require.Zero(t, w.complained(), field)
	require.False(t, state(s, 1).Done(), "%s: %s", field, state(s, 1))
	if delivered {
		require.NotNil(t, pull(t, s, 1).Opened, "%s: it is opened while the lie goes on", field)
	}
	l.set(nil)
	w.settle(func() bool { return w.acked() == 1 })
	if !delivered {
		w.delivered(1)
	}
	w.settle(func() bool { return state(s, 1) == model.PullOpened })
	require.Equal(t, records, w.file(t, 1, "records.ndjson"), field)
	require.Equal(t, 1, w.acked(), field)
	require.Zero(t, w.complained(), field)
	return last
}

// No endpoint hides a deal: another one lists it.
func TestHiddenDeal(t *testing.T) {
	hider := &liar{}
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.mu.Lock()
		hider.world, w.interest = w, nil
		w.mu.Unlock()
		hider.set(func(d pdx.Deal) pdx.Deal { d.State = pdx.DealOffered; return d })
		w.order(s, pool)
		w.certify(1, pool, patients(3))
		w.settle(func() bool { return w.acked() == 1 })
	}, func(c *buyer.Config) {
		w := c.Ledger.(*world)
		hider.world = w
		c.Witnesses = []buyer.Witness{witness{hider, "hider"}, witness{w, "honest"}}
		c.Ledger = hides{w}
	})
}

// hides lists no deals.
type hides struct{ *world }

func (hides) Deals(context.Context, pdx.DealFilter) ([]pdx.Deal, string, error) { return nil, "", nil }

type witness struct {
	ledger interface {
		Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error)
	}
	name string
}

func (w witness) String() string { return w.name }

func (w witness) Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	return w.ledger.Deals(ctx, f)
}
