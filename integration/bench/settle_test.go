package bench_test

import (
	"testing"
	"time"

	dbm "github.com/cosmos/cosmos-db"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/app/apptest"
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
		x.settleInBatches(measure)
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
	batched := bench.Median(times["batched"])
	table.Add("a deal, messages batched by signer", batched/transfer, batched, 1e6/batched)
	table.Note("%d transactions in a block, an empty block's time taken off; median of %d blocks of each kind.", inBlock, rounds)
	table.Note("The end of a dispute is the end blocker's: it takes no transaction.")
	table.Note("Batched by signer: one transaction of each for a step of %d deals.", inBlock)
	require.NoError(b, table.Report())
	require.NoError(b, x.gasTable().Report())
}

// before is what the steps of a deal with k = 1 took before the rules of stakes, rewards, facts
// and draws.
var before = map[string]float64{"offer": 156_261, "certify": 135_708, "ack": 101_764, "deliver": 145_446}

// gasTable is the gas of each step of a deal with k = 1, and why it is not what it was.
func (x *exchange) gasTable() *bench.Table {
	table := &bench.Table{Name: "gas", Title: "Gas of a deal with k = 1", Columns: []string{"gas", "before", "more"}}
	sealed := datapooltest.Seal([]byte("a small record"))
	now, was := 0.0, 0.0
	step := func(name string, tx []byte) uint64 {
		result := x.Block(tx)[0]
		gas := float64(result.GasUsed)
		table.Add(name, gas, before[name], gas-before[name])
		now, was = now+gas, was+before[name]
		if name != "offer" {
			return 0
		}
		return apptest.Answer[types.MsgOfferResponse](x.T, result).DealId
	}
	id := step("offer", x.Sign(x.seller, x.offer(sealed)))
	x.sealed[id] = sealed
	deal := []uint64{id}
	step("certify", x.certifications(deal)[0])
	step("ack", x.acks(deal)[0])
	step("deliver", x.deliveries(deal)[0])
	table.Add("the deal", now, was, now-was)
	table.Note("More for: the proof of possession (2,000) and its 64 bytes, what was agreed, two counters of offers, a record for the fields;")
	table.Note("the facts hash, the sum of the validator's stakes, the least bond; a deal's record that has stake, reward and refunds.")
	table.Note("Less for: no index by state, no liabilities, one key in the queue of deadlines, no former record that is read again.")
	return table
}

// settleInBatches takes as many deals through as settle, with one transaction for each
// signer and step.
func (x *exchange) settleInBatches(measure func(step string, took, empty time.Duration)) {
	empty := x.timed()
	var offers []sdk.Msg
	var sealed []datapooltest.Sealed
	for range inBlock {
		s := datapooltest.Seal([]byte("a small record"))
		sealed, offers = append(sealed, s), append(offers, x.offer(s))
	}
	first, took := x.taken([][]byte{x.Sign(x.seller, offers...)}, sealed[:1])
	var deals []uint64
	for i, s := range sealed {
		id := first[0] + uint64(i)
		x.sealed[id], deals = s, append(deals, id)
	}
	ack := &types.MsgAck{Buyer: string(x.buyer)}
	took += x.timed(x.batch(deals, x.validators[0], x.accept(x.validators[0])))
	m := x.Messages()
	for _, id := range deals {
		one := m.NewAck(x.Deal(id))
		ack.DealIds, ack.FactsHashes = append(ack.DealIds, id), append(ack.FactsHashes, one.FactsHashes...)
	}
	took += x.timed(x.Sign(x.buyer, ack))
	took += x.timed(x.batch(deals, x.seller, x.delivery()))
	took += x.past(deals[0])
	measure("batched", took, 5*empty)
	require.Equal(x.T, types.DEAL_STATE_FINAL, x.Deal(deals[inBlock-1]).State)
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
