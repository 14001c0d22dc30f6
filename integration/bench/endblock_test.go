package bench_test

import (
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/bench"
)

// BenchmarkWorstEndBlock ends as many deals in one block as the default parameters allow, in the
// two ways that move most, with all validators that a pool can have: nobody acknowledged a deal,
// so each of them gets a part of the deposit and its stake back; or nobody answered a challenge,
// so each is slashed and jailed.
func BenchmarkWorstEndBlock(b *testing.B) {
	oneProcessor(b)
	db, err := dbm.NewGoLevelDB("application", b.TempDir(), nil)
	require.NoError(b, err)
	params := shortDeadlines()
	standard := types.DefaultParams()
	params.VerdictCost, params.OfferCost = standard.VerdictCost, standard.OfferCost
	params.MaxExpirationsPerBlock = standard.MaxExpirationsPerBlock
	params.DefaultDeadlines.Ack, params.ChallengeTime = 200*datapooltest.BlockTime, 2*datapooltest.BlockTime
	x := newMarket(b, db, params, types.MaxPoolValidators)
	n := int(params.MaxExpirationsPerBlock)
	deals := x.accepted(n, types.ACK_MODE_BUYER, params.VerdictCost)

	transfers := make([][]byte, inBlock)
	for i := range transfers {
		transfers[i] = x.Sign(x.anyone, &banktypes.MsgSend{
			FromAddress: string(x.anyone), ToAddress: string(x.buyer), Amount: sdk.NewCoins(datapooltest.Coin(1)),
		})
	}
	empty := x.timed()
	transfer := (x.timed(transfers...) - empty).Seconds() / inBlock
	took := (x.past(deals[0]) - empty).Seconds()
	require.Equal(b, types.DEAL_STATE_UNACKED, x.Deal(deals[n-1]).State)

	x.key = seal.NewBuyerKey() // a pool has its own
	challenged := x.accepted(n, types.ACK_MODE_QUORUM, params.VerdictCost)
	messages := x.Messages()
	x.Block(x.batch(challenged, x.buyer, func(d types.Deal) sdk.Msg {
		return &types.MsgChallenge{Buyer: string(x.buyer), DealId: d.Id, Chunks: []uint64{0}, FactsHash: messages.FactsHash(d)}
	}))
	broke := (x.past(challenged[0]) - empty).Seconds()
	require.NotNil(b, x.Deal(challenged[n-1]).Conviction)
	require.Len(b, x.Deal(challenged[n-1]).Conviction.Slashed, types.MaxPoolValidators)

	table := bench.Table{
		Name: "end-block", Title: "The worst end of a block, on one processor",
		Columns: []string{"× a transfer of coins", "ms"},
	}
	table.Add(name("%d deals of %d accepts", len(deals), types.MaxPoolValidators), took/transfer, took*1e3)
	table.Add("one of them", took/transfer/float64(n), took*1e3/float64(n))
	table.Add(name("%d broken promises of %d validators", n, types.MaxPoolValidators), broke/transfer, broke*1e3)
	table.Add("one of them", broke/transfer/float64(n), broke*1e3/float64(n))
	table.Note("Each of its accepts was a transaction that paid for itself. No messages in the block; an empty one's time is taken off.")
	require.NoError(b, table.Report())
}

// accepted certifies n deals by all validators.
func (x *exchange) accepted(n int, mode types.AckMode, reward uint64) (deals []uint64) {
	x.open(types.MaxPoolValidators*2_000_000, 1_000, func(p *types.MsgCreatePool) {
		p.RequiredCertificates, p.VerdictReward, p.AckMode = types.MaxPoolValidators, reward, mode
	})
	for len(deals) < n {
		some, _ := x.taken(x.offers(min(inBlock, n-len(deals)), honest))
		deals = append(deals, some...)
	}
	for _, v := range x.validators { // the last of them certifies all in one block
		x.Block(x.batch(deals, v, x.accept(v)))
	}
	return deals
}
