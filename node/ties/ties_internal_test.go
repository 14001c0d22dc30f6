package ties

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// chain is a chain with these deals, pools and validators.
type chain struct {
	deals      []pdx.Deal
	pools      []pdx.Pool
	validators []pdx.Address
	err        error
	reads      int
}

func (c *chain) Validator(_ context.Context, a pdx.Address) (pdx.Validator, error) {
	c.reads++
	if c.err == nil && !slices.Contains(c.validators, a) {
		return pdx.Validator{}, pdx.ErrNotFound
	}
	return pdx.Validator{Address: a, Status: pdx.ValidatorBonded}, c.err
}

func (c *chain) Pools(_ context.Context, f pdx.PoolFilter) (found []pdx.Pool, _ string, _ error) {
	c.reads++
	for _, p := range c.pools {
		if p.Buyer == f.Buyer && p.Status == f.Status {
			found = append(found, p)
		}
	}
	return found, "", c.err
}

func (c *chain) Deals(_ context.Context, f pdx.DealFilter) (found []pdx.Deal, _ string, _ error) {
	c.reads++
	for _, d := range c.deals {
		if (f.Seller == "" || d.Seller == f.Seller) && (f.Buyer == "" || d.Buyer == f.Buyer) &&
			(f.Validator == "" || slices.Contains(d.Validators, f.Validator)) {
			found = append(found, d)
		}
	}
	return found, "", c.err
}

func tiesOf(t *testing.T, self pdx.Address, c *chain) *Ties {
	t.Helper()
	made, err := New(Config{
		Self: self, Plays: func(pdx.Role) bool { return true }, Ledger: c, Log: slog.New(slog.DiscardHandler),
		Names: func(a pdx.Address) bool { // as the seller role knows it
			return slices.ContainsFunc(c.deals, func(d pdx.Deal) bool {
				return d.Seller == self && !d.State.Ended() && (d.Buyer == a || slices.Contains(d.Validators, a))
			})
		},
	})
	require.NoError(t, err)
	return made
}

func TestTies(t *testing.T) {
	c := &chain{
		validators: []pdx.Address{"v1", "v2", "v3"},
		deals: []pdx.Deal{
			{Seller: "s1", Buyer: "b1", Validators: []pdx.Address{"v1"}, State: pdx.DealOffered},
			{Seller: "s2", Buyer: "b1", Validators: []pdx.Address{"v2"}, State: pdx.DealFinal},
			{Seller: "s3", Buyer: "b2", Validators: []pdx.Address{"v1"}, State: pdx.DealAcked},
		},
		pools: []pdx.Pool{
			{Buyer: "b1", Status: pdx.PoolClosed, Validators: []pdx.Address{"v1", "v2"}},
			{Buyer: "b3", Status: pdx.PoolOpen, Validators: []pdx.Address{"v2", "nobody"}},
		},
	}
	tied := map[pdx.Address][]pdx.Address{
		"s1": {"s1", "b1", "v1"}, "s2": {"s2", "b1"}, "s3": {"s3", "b2", "v1"},
		"b1": {"b1", "s1", "v1", "s2"}, "b2": {"b2", "s3", "v1"}, "b3": {"b3", "v2"},
		"v1": {"v1", "s1", "b1", "s3", "b2"}, "v2": {"v2", "b3"}, "v3": {"v3"},
	}
	for self, partners := range tied {
		for _, other := range []pdx.Address{"s1", "s2", "s3", "b1", "b2", "b3", "v1", "v2", "v3", "nobody", "a fresh key"} {
			err := tiesOf(t, self, c).Admit(t.Context(), other)
			if slices.Contains(partners, other) {
				require.NoError(t, err, "%s answers %s", self, other)
			} else {
				require.ErrorIs(t, err, pdx.ErrRefused, "%s answers %s", self, other)
			}
		}
	}
}

func TestTiesWhileTheChainIsAway(t *testing.T) {
	c := &chain{err: errors.New("away")}
	err := tiesOf(t, "b1", c).Admit(t.Context(), "s1")
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.NotErrorIs(t, err, pdx.ErrRefused)
	c.deals = []pdx.Deal{{Seller: "b1", Buyer: "b9", State: pdx.DealCertified}}
	require.NoError(t, tiesOf(t, "b1", c).Admit(t.Context(), "b9"), "a seller's partners are in memory")
}

// Fresh keys cost nothing; questions to the chain are bounded, and a tied account is
// answered all the same.
func TestStrangersDoNotMakeTheChainBeAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chain{deals: []pdx.Deal{{Seller: "s1", Buyer: "b1", State: pdx.DealOffered}}}
		b := tiesOf(t, "b1", c)
		require.NoError(t, b.Admit(t.Context(), "s1"))
		c.reads = 0
		for range 1000 {
			require.ErrorIs(t, b.Admit(t.Context(), "stranger"), pdx.ErrRefused)
		}
		require.LessOrEqual(t, c.reads, 7, "one stranger is asked about once")
		refused := 0
		for i := range 100_000 {
			if err := b.Admit(t.Context(), pdx.Address(fmt.Sprint("fresh key ", i))); errors.Is(err, pdx.ErrUnavailable) {
				refused++
			}
		}
		require.LessOrEqual(t, c.reads, 7*int(asks.Burst))
		require.Greater(t, refused, 99_000)
		require.NoError(t, b.Admit(t.Context(), "s1"))
		time.Sleep(yesTTL + time.Second)
		c.deals[0].State = pdx.DealFinal
		require.NoError(t, b.Admit(t.Context(), "s1"), "it was paid, and may ask for what it sold to be deleted")
		time.Sleep(yesTTL + time.Second)
		c.deals[0].State = pdx.DealUndelivered
		require.ErrorIs(t, b.Admit(t.Context(), "s1"), pdx.ErrRefused, "the deal has ended")
	})
}
