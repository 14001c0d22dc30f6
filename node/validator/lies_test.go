package validator_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/fieldlies"
	"github.com/medibloc/pdx/node/validator"
)

// liar is the chain as an endpoint shows it that lies about a deal without proof.
type liar struct {
	*world
	tell *func(pdx.Deal) pdx.Deal
}

func (l liar) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error) {
	d, err := l.world.Deal(ctx, id)
	if tell := l.told(); err == nil && tell != nil {
		d = tell(d)
	}
	return d, err
}

func (l liar) told() func(pdx.Deal) pdx.Deal {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.tell
}

func (l liar) Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	deals, next, err := l.world.Deals(ctx, f)
	for i, d := range deals {
		if tell := l.told(); tell != nil {
			deals[i] = tell(d)
		}
	}
	return slices.DeleteFunc(deals, func(d pdx.Deal) bool { return f.State != "" && d.State != f.State }), next, err
}

// lies are what an endpoint can say about a deal, false in one field.
func lies(truth pdx.Deal) []fieldlies.Lie[pdx.Deal] {
	return fieldlies.About(truth,
		pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal, pdx.DealLapsed, pdx.DealUnacked,
		pdx.DealUndelivered, pdx.DealFraud, pdx.AckBuyer, pdx.AckQuorum)
}

// Whatever field an endpoint lies about, a validator's certificate is that of the true deal.
func TestLiesInEveryField(t *testing.T) {
	for name, c := range map[string]struct {
		spoil    func(*pdx.Deal)
		accepted bool
	}{
		"a good dataset":               {func(*pdx.Deal) {}, true},
		"one whose box does not open":  {func(d *pdx.Deal) { d.Dataset.Box[0] ^= 1 }, false},
		"one that is not as committed": {func(d *pdx.Deal) { d.Dataset.Commitment[0] ^= 1 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := newWorld(t)
				seen.offer(1, patients(3))
				all := lies(seen.deal(1))
				require.Greater(t, len(all), 20)
				for i := range all {
					checkLie(t, i, c.spoil, c.accepted)
				}
				checkLie(t, -1, c.spoil, c.accepted)
			})
		})
	}
}

// checkLie has an endpoint tell the lie of that number, or show a good dataset.
func checkLie(t *testing.T, number int, spoil func(*pdx.Deal), accepted bool) {
	t.Helper()
	w := newWorld(t)
	req := w.offer(1, patients(3))
	good := w.deal(1)
	truth := good
	spoil(&truth)
	w.set(truth)
	field, told := "the whole dataset", good
	if number >= 0 {
		lie := lies(truth)[number]
		field, told = lie.Field, lie.Value
	}
	tell := func(pdx.Deal) pdx.Deal { return told }
	l := liar{w, &tell}
	s := w.start(func(c *validator.Config) { c.Ledger = l })
	defer func() { require.NoError(t, s.Stop(context.Background())) }()
	_, _ = s.Validate(t.Context(), req, quiet)
	if certs := w.deal(1).Certificates; len(certs) > 0 {
		require.Equal(t, accepted, certs[0].Accepted, field)
		return
	}
	w.edit(func() { tell = nil })
	v, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, err, field)
	require.Equal(t, accepted, v.Accepted, field)
	require.Equal(t, 1, w.certs, field)
}

// No endpoint hides a duty: another one lists it, and one that is known stays until it is
// proven to be done.
func TestHiddenDuty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.offer(1, patients(3))
		w.edit(func() {
			d := w.deals[1]
			d.Draw = &pdx.Draw{Count: 1, Candidates: []pdx.Address{me}, Height: 100}
			d.History = []pdx.Step{{State: pdx.DealOffered, Height: 99, Time: time.Now()}}
			d.DeadlineHeight, d.DeadlineTime = 1000, time.Now().Add(72*time.Hour)
			w.deals[1] = d
		})
		hides := func(d pdx.Deal) pdx.Deal { d.State = pdx.DealLapsed; return d }
		hider := liar{w, &hides}
		s := w.start(func(c *validator.Config) { c.Ledger, c.Witnesses = hider, []validator.Witness{hider, w} })
		rest(time.Minute)
		require.Len(t, s.Duties(), 1)
		s.Wake(pdx.Event{Deal: 1, Kind: "EventDealState"})
		rest(time.Minute)
		require.Len(t, s.Duties(), 1, "it is not proven to be over")
		rest(72 * time.Hour)
		require.Len(t, w.deal(1).Certificates, 1)
		require.Equal(t, pdx.RejectUnavailable, w.deal(1).Certificates[0].Reason)
		require.Empty(t, s.Duties())
		require.NoError(t, s.Stop(t.Context()))
	})
}
