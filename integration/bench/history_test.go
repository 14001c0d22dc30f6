package bench_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"cosmossdk.io/log"
	"cosmossdk.io/math"
	"cosmossdk.io/store"
	pruningtypes "cosmossdk.io/store/pruning/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/app/apptest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/bench"
)

const (
	// chunk are the deals that are stored in one go, which bounds memory.
	chunk = 50_000
	// ofPool are the stored deals of a pool, sellers how many made them.
	ofPool  = 1_000
	sellers = 1_000
	// load are the transactions of each kind in a mixed block.
	load = 10
	// blanksOf are the empty blocks that are measured.
	blanksOf = 31
)

// BenchmarkHistory measures the same mixed block over ever more stored deals: half
// of them sold and paid, half waiting with their deadlines far ahead.
func BenchmarkHistory(b *testing.B) {
	oneProcessor(b)
	most := 100_000
	if text := os.Getenv("PDX_BENCH_DEALS"); text != "" {
		var err error
		most, err = strconv.Atoi(text)
		require.NoError(b, err, "PDX_BENCH_DEALS")
	}
	dir := b.TempDir()
	db, err := dbm.NewGoLevelDB("application", dir, nil)
	require.NoError(b, err)
	x := newExchange(b, db, // as a localnet opens its own, but for older states, which would be counted
		baseapp.SetPruning(pruningtypes.NewCustomPruningOptions(2, 10)),
		baseapp.SetIAVLDisableFastNode(true),
		baseapp.SetInterBlockCache(store.NewCommitKVStoreCacheManager()))
	h := newHistory(x)
	table := bench.Table{
		Name: "history", Title: "The same block over more and more stored deals",
		Columns: []string{
			"× the first block", "mixed block, µs", "empty block, µs", "end of a dispute, µs",
			"gas of an offer", "disk, bytes a deal", "heap, MiB",
		},
	}
	table.Note("A mixed block has %d offers, certificates, acks and deliveries each, and %d disputes that end: median of %d.",
		load, load, 2*rounds)
	table.Note("Half of the stored deals are paid, half wait in the queue of deadlines, far ahead.")
	var first float64
	for n := 1_000; n <= most; n *= 10 {
		h.grow(n)
		require.NoError(b, db.ForceCompact(nil, nil)) // else it goes on while blocks are measured
		mixed, empty, ends, gas := x.load()
		if first == 0 {
			first = mixed
		}
		table.Add(strconv.Itoa(n)+" deals", mixed/first, mixed, empty, ends, gas, float64(diskOf(b, dir))/float64(n), heap())
		require.NoError(b, table.Report()) // each time: the last row takes long
	}
}

// load makes blocks of everything. Times are the processor's in microseconds.
func (x *exchange) load() (mixed, empty, ends, gas float64) {
	var stages [4][]uint64 // offered, certified, acked, delivered
	var blocks, blanks, finals []float64
	for range 2*rounds + 6 {
		txs, sealed := x.offers(load, honest)
		txs = append(txs, x.certifications(stages[0])...)
		txs = append(txs, x.acks(stages[1])...)
		txs = append(txs, x.deliveries(stages[2])...)
		began := bench.Processor()
		results := x.Run(txs...)
		took := bench.Processor() - began
		var deals []uint64
		for i, r := range results {
			require.Zero(x.T, r.Code, r.Log)
			if i < load {
				id := apptest.Answer[types.MsgOfferResponse](x.T, r).DealId
				x.sealed[id], deals = sealed[i], append(deals, id)
				gas = float64(r.GasUsed)
			}
		}
		stages = [4][]uint64{deals, stages[0], stages[1], stages[2]}
		blocks = append(blocks, us(took))
	}
	for range blanksOf {
		blanks = append(blanks, us(x.timed()))
	}
	for range rounds {
		x.settle(func(step string, took, empty time.Duration) {
			if step == "end of dispute" {
				finals = append(finals, us(took-empty)/inBlock)
			}
		})
	}
	return bench.Median(blocks[6:]), bench.Median(blanks), bench.Median(finals), gas
}

func us(d time.Duration) float64 { return d.Seconds() * 1e6 }

// history stores deals past the messages, as a genesis does, in the likeness of
// one that was really sold.
type history struct {
	*exchange
	sold    types.Deal
	waiting types.Deal
	pool    types.Pool // the last one
	params  types.Params
	sellers []string
	stored  int
}

func newHistory(x *exchange) *history {
	h := &history{exchange: x}
	x.settle(func(string, time.Duration, time.Duration) {})
	deals, _ := x.taken(x.offers(1, honest))
	h.sold, h.waiting = x.Deal(deals[0]-1), x.Deal(deals[0])
	require.Equal(x.T, types.DEAL_STATE_FINAL, h.sold.State)
	g := x.export()
	h.pool, h.params = g.Pools[0], g.Params
	for i := range sellers {
		h.sellers = append(h.sellers, string(datapooltest.Account(name("seller %d", i))))
	}
	return h
}

func (x *exchange) export() *types.GenesisState {
	g, err := x.Datapool.ExportGenesis(x.NewContext(true))
	require.NoError(x.T, err)
	return g
}

// grow stores deals until there are n.
func (h *history) grow(n int) {
	for h.stored < n {
		part := min(chunk, n-h.stored)
		h.store(part)
		h.stored += part
	}
}

// store writes deals straight into the module's store and commits them, as a
// genesis would write them, indexes and queue included.
func (h *history) store(n int) {
	deals, _ := h.taken(h.offers(1, honest)) // tells where numbers stand
	g := &types.GenesisState{Params: h.params, NextPoolId: h.pool.Id + 1, NextDealId: deals[0] + 1}
	for made := 0; made < n; made += ofPool {
		pool := h.pool
		key := seal.NewBuyerKey().Public()
		pool.Id, pool.BuyerKey = g.NextPoolId, key[:]
		pool.Status, pool.Escrow, pool.TargetCount = types.POOL_STATUS_FILLED, math.ZeroInt(), ofPool
		pool.ReservedCount, pool.DeliveredCount, pool.QueuedHeight = 0, 0, 0
		g.NextPoolId++
		for i := range min(ofPool, n-made) {
			d := h.waiting
			if i%2 == 0 {
				d = h.sold
				pool.ReservedCount++
				pool.DeliveredCount++
			}
			root := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("root"), g.NextDealId))
			d.Id, d.PoolId, d.Dataset.Root, d.Seller, d.BuyerKey = g.NextDealId, pool.Id, root[:], h.sellers[i%sellers], pool.BuyerKey
			g.NextDealId++
			g.Deals = append(g.Deals, d)
		}
		g.Pools, h.pool.Id = append(g.Pools, pool), pool.Id
	}
	stores := h.CommitMultiStore()
	at := cmtproto.Header{ChainID: h.ChainID(), Height: h.Height + 1, Time: h.Time}
	require.NoError(h.T, h.Datapool.InitGenesis(sdk.NewContext(stores, at, false, log.NewNopLogger()), g))
	h.Height = stores.Commit().Version
	h.Block() // what queries see is that of the last block
}

func diskOf(b *testing.B, dir string) (bytes int64) {
	require.NoError(b, filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the database drops files as it merges them
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		} else if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}))
	return bytes
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
