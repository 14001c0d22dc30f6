package validator_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

// lying is an endpoint that shows another deal than the chain has.
type lying struct {
	*world
	mu   sync.Mutex
	show func(*pdx.Deal) // nil: the truth
}

func (l *lying) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error) {
	deal, err := l.world.Deal(ctx, id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.show != nil {
		l.show(&deal)
	}
	return deal, err
}

func (l *lying) tell(lie func(*pdx.Deal)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.show = lie
}

// believer proves nothing: its owner set chain.trust.none.
type believer struct{ *lying }

func (b believer) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	deal, err := b.lying.Deal(ctx, id)
	if err != nil {
		return deal, pdx.Head{}, err
	}
	head, err := b.Head(ctx)
	return deal, head, err
}

// TestALyingEndpointGetsNoCertificate: the chain has a box that does not open, and the
// endpoint shows one that does. The validator accepts what it is shown; its certificate is
// about that, so the chain refuses it, and what the chain has is checked when it is shown.
func TestALyingEndpointGetsNoCertificate(t *testing.T) {
	w := newWorld(t)
	req := w.offer(1, patients(3))
	good := w.deals[1].Dataset
	w.edit(func() {
		bad := w.deals[1]
		bad.Dataset.Box[0] ^= 1
		w.deals[1] = bad
	})
	l := &lying{world: w}
	l.tell(func(d *pdx.Deal) { d.Dataset = good })
	s := w.start(func(c *validator.Config) { c.Ledger, c.Prover = l, believer{l} })
	_, err := s.Validate(t.Context(), req, quiet)
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.Zero(t, w.certs, "nobody is liable for what it did not check")

	l.tell(nil)
	v, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.False(t, v.Accepted)
	require.Equal(t, 1, w.certs)
}

// TestNoLieGetsACertificate shows another value of each thing that a verdict is about.
func TestNoLieGetsACertificate(t *testing.T) {
	for name, lie := range map[string]func(*pdx.Deal){
		"price":     func(d *pdx.Deal) { d.Price *= 1000 },
		"buyer":     func(d *pdx.Deal) { d.Buyer = "panacea1other" },
		"buyer key": func(d *pdx.Deal) { d.BuyerKey[0] ^= 1 },
		"fields":    func(d *pdx.Deal) { d.FieldsHash[0] ^= 1 },
		"terms":     func(d *pdx.Deal) { d.TermsHash[0] ^= 1 },
		"required":  func(d *pdx.Deal) { d.Required++ },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			req := w.offer(1, patients(1))
			w.remote["panacea1other"] = w.remote[buyer]
			l := &lying{world: w}
			l.tell(lie)
			s := w.start(func(c *validator.Config) { c.Ledger, c.Prover = l, believer{l} })
			_, err := s.Validate(t.Context(), req, quiet)
			require.Error(t, err)
			require.Zero(t, w.certs)
		})
	}
}
