package burst_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/bench"
	"github.com/medibloc/pdx/integration/market"
)

const (
	validators = 3
	block      = 6 * time.Second
	few        = 20
	// pathBlocks is how many blocks a single deal takes.
	pathBlocks = 4
	// perSale pays for an offer's deposit and a sale's fees.
	perSale pdx.Amount = 6_000_000
)

func TestMain(m *testing.M) { os.Exit(market.Run(m)) }

// BenchmarkBurst measures bursts of one seller, each in a market of its own.
func BenchmarkBurst(b *testing.B) {
	table := bench.Table{
		Name: "burst", Title: "A burst of sales from one seller, blocks of 6 s, k = 3 of 3",
		Columns: []string{
			"÷ the ceiling", "deals a minute", "the ceiling", "delivered", "seconds", "transactions a block",
			"offered", "certified", "acked", "keys", "cores busy",
		},
	}
	table.Note("The ceiling is N deals in ⌈2N/A⌉ + %d blocks of 6 s, where A transactions of one account get into a block.", pathBlocks-1)
	table.Note("Offered to keys: the block of the last one, counted from the first order.")
	table.Note("Cores busy: of all that this machine has, over the burst; " +
		"near 1, it is the machine that bounds the rate, for all nodes run on it.")
	for _, n := range sizes(b) {
		r := measure(b, n)
		table.Add(fmt.Sprintf("%d sales", n), append(
			[]float64{r.rate() / r.ceiling(), r.rate(), r.ceiling(), float64(r.delivered), r.took.Seconds(), r.perBlock},
			append(r.blocks[:], r.busy)...)...)
		require.NoError(b, table.Report()) // each time: the last row takes long
	}
}

func sizes(b *testing.B) (list []int) {
	text := os.Getenv("PDX_BURST")
	if text == "" {
		return []int{few}
	}
	for _, one := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(one))
		require.NoError(b, err, "PDX_BURST")
		list = append(list, n)
	}
	return list
}

func cut(b *testing.B) time.Duration {
	text := os.Getenv("PDX_BURST_CUT")
	if text == "" {
		return 15 * time.Minute
	}
	d, err := time.ParseDuration(text)
	require.NoError(b, err, "PDX_BURST_CUT")
	return d
}

// result is what one burst came to.
type result struct {
	sales, delivered int
	took             time.Duration
	perBlock         float64    // transactions of one account
	blocks           [4]float64 // from the first order to the last deal in each of states
	busy             float64    // part of the processors' time
}

// states are what a deal passes through.
var states = [4]pdx.DealState{pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered}

// rate is deals a minute.
func (r result) rate() float64 { return float64(r.delivered) / r.took.Minutes() }

func (r result) ceiling() float64 {
	blocks := math.Ceil(2*float64(r.sales)/r.perBlock) + pathBlocks - 1
	return float64(r.sales) / (blocks * block.Minutes())
}

// measure runs one burst to its end, or until it is cut off.
func measure(b *testing.B, n int) result {
	m := market.Open(b, market.Options{
		Validators: validators, Sellers: 1, Deadlines: "certify=2h,ack=12h,key=72h,dispute=24h",
		Chain: []string{"--block-interval", block.String()},
	})
	m.Must(m.Fleet.Fund(b.Context(), m.Sellers[0].Account, perSale*pdx.Amount(n)), "fund the seller")
	m.Must(m.Fleet.Fund(b.Context(), m.Buyer.Account, market.Price*pdx.Amount(n+probeOffers+1)), "fund the buyer")
	for _, v := range m.Validators {
		m.Must(m.Fleet.Fund(b.Context(), v.Account, perSale/2*pdx.Amount(n)), "fund a validator")
	}
	prepare(m, n)
	r := result{sales: n, perBlock: probe(m)}
	pool := m.OpenPool(market.Pool{Count: uint64(n)})
	m.Pull(pool)
	from := nextBlock(m, 1) // orders come right after a block
	processors := readProcessors(b)
	sell(m, pool, n)
	r.follow(m, pool, from, cut(b))
	r.busy = readProcessors(b).since(processors)
	return r
}

// follow waits for the last delivery and takes up how many there were, and how
// long they took.
func (r *result) follow(m *market.Market, pool uint64, from pdx.Head, patience time.Duration) {
	ctx, cancel := context.WithTimeout(m.T.Context(), patience)
	defer cancel()
	tick := time.NewTicker(block / 2)
	defer tick.Stop()
	for ctx.Err() == nil {
		p, err := m.Chain.Pool(ctx, pdx.PoolID(pool))
		if err == nil && p.DeliveredCount >= uint64(r.sales) {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	deals, err := m.Deals(m.T.Context(), pool)
	m.Must(err, "read the deals")
	for _, d := range deals {
		if at := d.Entered(pdx.DealDelivered); at.Height > 0 {
			r.delivered++
			r.took = max(r.took, at.Time.Sub(from.Time))
		}
		for i, state := range states {
			r.blocks[i] = max(r.blocks[i], float64(d.Entered(state).Height-from.Height))
		}
	}
	if r.delivered < r.sales { // cut off: all of the time counts
		r.took = patience
	}
}
