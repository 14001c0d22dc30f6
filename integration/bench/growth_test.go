package bench_test

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/bench"
	"github.com/medibloc/pdx/node/model"
)

// BenchmarkGrowth shows what of a node's work grows with its history: with 10 and 10,000
// datasets that it registered, sold and bought, or as many as PDX_BENCH_GROWTH says. Beside
// them ten deals go on.
func BenchmarkGrowth(b *testing.B) {
	table := &bench.Table{Name: "growth", Title: "What of a node's work grows with the deals of its past"}
	sizes := os.Getenv("PDX_BENCH_GROWTH")
	if sizes == "" {
		sizes = "10,10000"
	}
	values := make([][]float64, len(growthSteps)+1)
	for size := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(size)
		require.NoError(b, err)
		table.Columns = append(table.Columns, size+": rows", "chain", "ms")
		for i, measured := range grow(b, n) {
			values[i] = append(values[i], measured[:]...)
		}
	}
	for i, step := range growthSteps {
		name, _, _ := strings.Cut(step, ":")
		table.Add(name, values[i]...)
	}
	table.Add("heap, disk, MiB", values[len(growthSteps)]...)
	table.Note("Rows are those of the store that are read, and one for each query or transaction; chain are queries to the chain. "+
		"Steps are: %s. What an event or an order begins goes on in the background: "+
		"the counts have the second after it, the time has the call alone. "+
		"The last row has no rows, but MiB of heap and of the database.", strings.Join(growthSteps, ", "))
	require.NoError(b, table.Report())
}

// growthSteps are what is measured, in this order. The chain's part of an event about a deal
// of this node is one query of each of its three roles.
var growthSteps = []string{
	"open: the store, with its checks of every row", "start: all roles, until they have compared their deals with the chain",
	"foreign event: one about a stranger's deal", "own event: one about a deal that goes on", "data add", "sell",
	"list sales, pulls and data: the newest hundred of each", "scan: the buyer's comparison every ten minutes",
}

// grow measures each step with a history of n deals: rows, queries and ms; then heap and disk.
func grow(b *testing.B, n int) (values [][3]float64) {
	g := newGrowth(b, n)
	g.start() // the first comparison after an update reads all deals once
	g.quiet()
	g.stop()

	step := func(do func()) {
		g.rows.Store(0)
		g.reads.Store(0)
		began := time.Now()
		do()
		took := time.Since(began)
		g.quiet()
		values = append(values, [3]float64{float64(g.rows.Load()), float64(g.reads.Load()), float64(took.Microseconds()) / 1000})
	}
	step(g.open)
	step(g.start)
	defer g.stop()
	own := pdx.Event{Kind: "EventDealState", Pool: growthPool, Deal: pdx.DealID(n + 5), State: string(pdx.DealDelivered)}
	foreign := pdx.Event{Kind: "EventDealState", Pool: 77, Deal: 1 << 30, State: string(pdx.DealOffered)}
	wake := func(e pdx.Event) {
		g.seller.Wake(e)
		g.buyer.Wake(e)
		g.validator.Wake(e)
	}
	step(func() { wake(foreign) })
	step(func() { wake(own) })
	file := g.file("new.ndjson")
	step(func() {
		_, err := g.seller.AddData(b.Context(), file, "", "", nil)
		require.NoError(b, err)
	})
	step(func() {
		_, err := g.seller.Sell(b.Context(), model.Order{Pool: growthPool, Data: "new.ndjson", Unchecked: true})
		require.NoError(b, err)
	})
	step(func() { g.lists(b.Context()) })
	step(g.buyer.Resume)
	var heap runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&heap)
	info, err := os.Stat(g.path)
	require.NoError(b, err)
	return append(values, [3]float64{float64(heap.HeapAlloc) / (1 << 20), float64(info.Size()) / (1 << 20)})
}

func (g *growth) lists(ctx context.Context) {
	page := model.Page{Limit: 100, Reverse: true}
	sales, _, err := g.seller.ListSales(ctx, page)
	require.NoError(g.b, err)
	pulls, _, err := g.buyer.ListPulls(ctx, 0, page)
	require.NoError(g.b, err)
	data, _, err := g.seller.ListData(ctx, page)
	require.NoError(g.b, err)
	for _, n := range []int{len(sales), len(pulls), len(data)} {
		require.Positive(g.b, n)
		require.LessOrEqual(g.b, n, 100)
	}
}
