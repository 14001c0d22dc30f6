package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// textMarket has a pool and deals with all the text that the limits allow; slim ones have as
// little. Both have the same validators.
func textMarket(t testing.TB, fat bool, deals int) *datapooltest.Market {
	t.Helper()
	m := datapooltest.NewMarket(t, uint64(deals), func(p *types.MsgCreatePool) {
		if p.Terms = nil; !fat {
			return
		}
		for i := range types.MaxTerms {
			p.Terms = append(p.Terms, types.Term{
				Id: uint32(i), Title: strings.Repeat("t", types.MaxTermTitleLen), Description: strings.Repeat("d", types.MaxTermDescriptionLen),
			})
		}
	})
	for range deals {
		offer := m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...)
		offer.Agreements = nil
		if fat {
			offer.DisclosedFields = longestFields()
			for i := range types.MaxTerms {
				offer.Agreements = append(offer.Agreements, types.Agreement{TermId: uint32(i), Agreed: true})
			}
		}
		id := m.Must(offer).(*types.MsgOfferResponse).DealId
		m.Must(m.NewAccept(id, m.Validators[0]))
	}
	return m
}

// endOfBlock runs the end blocker in which all deals of a market are unacked, and returns
// what its store would charge: a measure of bytes and accesses that no machine disturbs.
func endOfBlock(t testing.TB, m *datapooltest.Market) (gas uint64, took time.Duration) {
	t.Helper()
	deal := m.Deal(1)
	require.NoError(t, m.Past(deal.DeadlineHeight, deal.DeadlineTime))
	require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
		meter := storetypes.NewInfiniteGasMeter()
		began := time.Now()
		err := m.Keeper.EndBlock(ctx.WithGasMeter(meter))
		gas, took = meter.GasConsumed(), time.Since(began)
		resp, readErr := q.Deal(ctx, &types.QueryDealRequest{DealId: 1})
		require.NoError(t, readErr)
		require.Equal(t, types.DEAL_STATE_UNACKED, resp.Deal.State)
		return err
	}))
	return gas, took
}

// TestAnItemOfTheFattestDealCostsLittleMore: who fills records with text does not make blocks
// longer, for whose end nobody pays.
func TestAnItemOfTheFattestDealCostsLittleMore(t *testing.T) {
	slim, _ := endOfBlock(t, textMarket(t, false, 1))
	fat, _ := endOfBlock(t, textMarket(t, true, 1))
	t.Logf("slim %d, fat %d", slim, fat)
	require.LessOrEqual(t, float64(fat), 1.5*float64(slim))
}

// BenchmarkEndOfBlock takes the time of an item.
func BenchmarkEndOfBlock(b *testing.B) {
	for name, fat := range map[string]bool{"slim": false, "fat": true} {
		b.Run(name, func(b *testing.B) {
			const deals = 100
			var sum time.Duration
			for range b.N {
				_, took := endOfBlock(b, textMarket(b, fat, deals))
				sum += took
			}
			b.ReportMetric(float64(sum.Microseconds())/float64(b.N*deals), "µs/item")
		})
	}
}
