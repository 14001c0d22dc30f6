package bench_test

import (
	"testing"
	"time"

	dbm "github.com/cosmos/cosmos-db"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/integration/bench"
)

const (
	// inBlock are the transactions of a kind in one block, rounds how many blocks
	// of each kind there are: the median block counts.
	inBlock = 25
	rounds  = 7
)

// BenchmarkSettlement measures FinalizeBlock and Commit of the whole application
// for each step of a deal, with real transactions, signatures and proofs, by a
// plain transfer of coins in the same run.
func BenchmarkSettlement(b *testing.B) {
	oneProcessor(b)
	db, err := dbm.NewGoLevelDB("application", b.TempDir(), nil)
	require.NoError(b, err)
	x := newExchange(b, db)
	times := map[string][]float64{}
	measure := func(step string, took, empty time.Duration) {
		times[step] = append(times[step], max(0, (took-empty).Seconds()*1e6/inBlock))
	}
	for range rounds {
		x.settle(measure)
		x.complain(measure)
	}
	table := bench.Table{
		Name: "settlement", Title: "FinalizeBlock and Commit on one processor, for each transaction",
		Columns: []string{"× a transfer of coins", "µs", "each second"},
	}
	steps := []string{"transfer of coins", "offer", "certify", "ack", "deliver", "end of dispute", "complaint, box", "complaint, segment"}
	transfer, deal := bench.Median(times[steps[0]]), 0.0
	for _, step := range steps {
		took := bench.Median(times[step])
		table.Add(step, took/transfer, took, 1e6/took)
		if len(table.Rows) > 1 && len(table.Rows) <= 6 {
			deal += took
		}
	}
	table.Add("a deal, from offer to payment", deal/transfer, deal, 1e6/deal)
	table.Note("%d transactions in a block, an empty block's time taken off; median of %d blocks of each kind.", inBlock, rounds)
	table.Note("The end of a dispute is the end blocker's: it takes no transaction.")
	require.NoError(b, table.Report())
}

// settle takes some deals from offer to payment, a block for each step.
func (x *exchange) settle(measure func(step string, took, empty time.Duration)) {
	empty := x.timed()
	var transfers [][]byte
	for range inBlock {
		transfers = append(transfers, x.Sign(x.anyone, &banktypes.MsgSend{
			FromAddress: string(x.anyone), ToAddress: string(x.buyer), Amount: sdk.NewCoins(datapooltest.Coin(1)),
		}))
	}
	measure("transfer of coins", x.timed(transfers...), empty)
	deals, took := x.taken(x.offers(inBlock, honest))
	measure("offer", took, empty)
	measure("certify", x.timed(x.certifications(deals)...), empty)
	measure("ack", x.timed(x.acks(deals)...), empty)
	measure("deliver", x.timed(x.deliveries(deals)...), empty)
	measure("end of dispute", x.past(deals[0]), empty)
	require.Equal(x.T, types.DEAL_STATE_FINAL, x.Deal(deals[inBlock-1]).State)
}

// past makes blocks until the deal has ended, and tells what the last one took.
func (x *exchange) past(deal uint64) (took time.Duration) {
	for !x.Deal(deal).State.Ended() {
		took = x.timed()
	}
	return took
}

// complain convicts some deals of each kind. A conviction jails the validator, so
// that is given back its bond and its place in between.
func (x *exchange) complain(measure func(step string, took, empty time.Duration)) {
	m := x.Messages()
	for _, kind := range []struct {
		step  string
		spoil func(datapooltest.Sealed) datapooltest.Sealed
		about func(types.Deal) sdk.Msg
	}{
		{"complaint, box", datapooltest.Sealed.SpoilBox, func(d types.Deal) sdk.Msg { return m.NewBoxComplaint(d, x.key) }},
		{"complaint, segment", func(s datapooltest.Sealed) datapooltest.Sealed { return s.SpoilSegment(0) }, func(d types.Deal) sdk.Msg {
			return m.NewSegmentComplaint(d, x.sealed[d.Id], 0)
		}},
	} {
		deals, _ := x.taken(x.offers(inBlock, kind.spoil))
		x.Block(x.certifications(deals)...)
		x.Block(x.acks(deals)...)
		x.Block(x.deliveries(deals)...)
		complaints := x.each(deals, x.buyer, kind.about)
		took := x.timed(complaints...)
		measure(kind.step, took, x.timed())
		x.restore()
	}
}

func (x *exchange) restore() {
	v := x.validators[0]
	x.Block(x.Sign(v, &types.MsgAddBond{Validator: string(v), Amount: sdk.NewCoin("umed", datapooltest.Params().MinBond)}))
	for range 8 {
		x.Block()
	}
	x.Block(x.Sign(v, &types.MsgUnjail{Validator: string(v)}))
}
