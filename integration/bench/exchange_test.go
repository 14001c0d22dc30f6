package bench_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app/apptest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/bench"
)

// exchange is a chain with a pool that does not fill, and what its people keep.
type exchange struct {
	*apptest.Chain
	buyer, seller, anyone pdx.Address
	validators            []pdx.Address
	key                   seal.BuyerKey
	pool                  uint64
	price, deposit        pdx.Amount
	sealed                map[uint64]datapooltest.Sealed // by deal
}

// deadlines are short, so that deals become final while a benchmark runs.
func shortDeadlines() types.Params {
	p := datapooltest.Params()
	p.DefaultDeadlines = types.Deadlines{Certify: time.Hour, Ack: time.Hour, Key: time.Hour, Dispute: 2 * datapooltest.BlockTime}
	p.MaxExpirationsPerBlock = types.MaxExpirationsPerBlock
	return p
}

func newExchange(b *testing.B, db dbm.DB, options ...func(*baseapp.BaseApp)) *exchange {
	x := newMarket(b, db, shortDeadlines(), 3, options...)
	x.open(1_000, 1_000_000, nil)
	return x
}

// newMarket has everybody and no pool.
func newMarket(b *testing.B, db dbm.DB, params types.Params, validators int, options ...func(*baseapp.BaseApp)) *exchange {
	names := []string{"buyer", "seller", "anyone"}
	for i := range validators {
		names = append(names, fmt.Sprintf("validator %d", i))
	}
	x := &exchange{
		Chain: apptest.New(b, db, params, names, options...), key: seal.NewBuyerKey(),
		buyer: datapooltest.Account("buyer"), seller: datapooltest.Account("seller"), anyone: datapooltest.Account("anyone"),
		sealed: map[uint64]datapooltest.Sealed{},
	}
	for _, name := range names[3:] {
		v := datapooltest.Account(name)
		x.Block(x.Sign(v, datapooltest.NewValidator(v, 100)))
		x.validators = append(x.validators, v)
	}
	return x
}

// open opens the pool, for a number of datasets at a price in umed.
func (x *exchange) open(price, target pdx.Amount, change func(*types.MsgCreatePool)) {
	msg := x.Messages().NewPool(x.buyer, x.key, uint64(target), x.validators...)
	msg.Price, msg.Escrow = datapooltest.Coin(price), datapooltest.Coin(price*target)
	msg.ExpiryTime = x.Time.Add(100 * 24 * time.Hour)
	if change != nil {
		change(msg)
	}
	x.deposit = pdx.Amount(types.DefaultParams().OfferDeposit.Uint64() + uint64(len(x.validators))*msg.VerdictReward)
	x.price, x.pool = price, apptest.Answer[types.MsgCreatePoolResponse](x.T, x.Block(x.Sign(x.buyer, msg))[0]).PoolId
}

// offers are n signed offers of new datasets; taken names their deals.
func (x *exchange) offers(n int, spoil func(datapooltest.Sealed) datapooltest.Sealed) (txs [][]byte, sealed []datapooltest.Sealed) {
	for range n {
		s := spoil(datapooltest.Seal([]byte("a small record")))
		sealed = append(sealed, s)
		txs = append(txs, x.Sign(x.seller, x.offer(s)))
	}
	return txs, sealed
}

// offer is one into the pool, whose price is its own.
func (x *exchange) offer(s datapooltest.Sealed) *types.MsgOffer {
	msg := x.Messages().NewOffer(x.pool, x.seller, s, x.validators...)
	msg.Price, msg.MaxDeposit = datapooltest.Coin(x.price), datapooltest.Coin(x.deposit)
	return msg
}

// each signs a message for every deal.
func (x *exchange) each(deals []uint64, from pdx.Address, message func(types.Deal) sdk.Msg) (txs [][]byte) {
	for _, id := range deals {
		txs = append(txs, x.Sign(from, message(x.Deal(id))))
	}
	return txs
}

// batch signs one transaction with a message for every deal.
func (x *exchange) batch(deals []uint64, from pdx.Address, message func(types.Deal) sdk.Msg) []byte {
	var msgs []sdk.Msg
	for _, id := range deals {
		msgs = append(msgs, message(x.Deal(id)))
	}
	return x.Sign(from, msgs...)
}

func (x *exchange) accept(v pdx.Address) func(types.Deal) sdk.Msg {
	m := x.Messages()
	return func(d types.Deal) sdk.Msg {
		msg := m.NewAccept(d, v)
		msg.ExpiryHeight = x.Height + 10_000_000
		return msg
	}
}

func (x *exchange) delivery() func(types.Deal) sdk.Msg {
	m := x.Messages()
	return func(d types.Deal) sdk.Msg { return m.NewDelivery(d, x.sealed[d.Id].Key) }
}

func (x *exchange) certifications(deals []uint64) [][]byte {
	return x.each(deals, x.validators[0], x.accept(x.validators[0]))
}

func (x *exchange) acks(deals []uint64) [][]byte {
	m := x.Messages()
	return x.each(deals, x.buyer, func(d types.Deal) sdk.Msg { return m.NewAck(d) })
}

func (x *exchange) deliveries(deals []uint64) [][]byte { return x.each(deals, x.seller, x.delivery()) }

// run makes a block and tells what it took of the processor, without the garbage of what was
// before.
func (x *exchange) run(txs ...[]byte) ([]*abci.ExecTxResult, time.Duration) {
	runtime.GC()
	began := bench.Processor()
	results := x.Run(txs...)
	return results, bench.Processor() - began
}

// timed makes a block and tells what it took of the processor.
func (x *exchange) timed(txs ...[]byte) time.Duration {
	results, took := x.run(txs...)
	for _, r := range results {
		require.Zero(x.T, r.Code, r.Log)
	}
	return took
}

// taken makes a block of offers and tells the deals' numbers.
func (x *exchange) taken(txs [][]byte, sealed []datapooltest.Sealed) (deals []uint64, took time.Duration) {
	results, took := x.run(txs...)
	for i, r := range results {
		require.Zero(x.T, r.Code, r.Log)
		id := apptest.Answer[types.MsgOfferResponse](x.T, r).DealId
		x.sealed[id], deals = sealed[i], append(deals, id)
	}
	return deals, took
}

func honest(s datapooltest.Sealed) datapooltest.Sealed { return s }

func name(format string, values ...any) string { return fmt.Sprintf(format, values...) }
