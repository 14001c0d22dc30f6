package ties

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// What costs money counts, in any role and while it lasts.
func TestStakes(t *testing.T) {
	c := &chain{
		validators: []pdx.Address{"bonded"},
		pools:      []pdx.Pool{{Buyer: "buys", Status: pdx.PoolOpen}, {Buyer: "bought", Status: pdx.PoolClosed}},
		deals: []pdx.Deal{
			{Seller: "sells", Buyer: "pays", Validators: []pdx.Address{"judges"}, State: pdx.DealOffered},
			{Seller: "sold", Buyer: "bought", Validators: []pdx.Address{"judged"}, State: pdx.DealFinal},
		},
	}
	s, err := NewStakes(c, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for _, account := range []pdx.Address{"bonded", "buys", "sells", "pays", "judges"} {
		require.NoError(t, s.Admit(t.Context(), account), account)
	}
	for _, account := range []pdx.Address{"bought", "sold", "judged", "nobody"} {
		require.ErrorIs(t, s.Admit(t.Context(), account), pdx.ErrRefused, account)
	}
	c.err = errors.New("away")
	require.ErrorIs(t, s.Admit(t.Context(), "a later one"), pdx.ErrUnavailable)
	require.NoError(t, s.Admit(t.Context(), "sells"), "it was answered a moment ago")
}
