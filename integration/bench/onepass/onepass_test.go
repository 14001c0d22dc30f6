package onepass_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/integration/bench"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

const (
	columns   = 20
	disclosed = 16
	// look is how often a state is looked at: it counts in each time.
	look = 20 * time.Millisecond
)

func TestMain(m *testing.M) { os.Exit(market.Run(m)) }

// BenchmarkOnePass sells and buys a table as NDJSON.
func BenchmarkOnePass(b *testing.B) {
	size, rounds := sizeOf(b), roundsOf(b)
	table := bench.Table{
		Name: "onepass", Title: fmt.Sprintf("NDJSON of %d columns, %d disclosed, %d MiB, through real nodes", columns, disclosed, size>>20),
		Columns: []string{
			"sale ÷ reading", "(pull + open) ÷ pull", "reading, MB/s", "sale, MB/s", "preview, s", "sell, s",
			"certify ÷ pull", "pull, MB/s", "open, MB/s",
		},
	}
	table.Note("Reading: the file is read and hashed with BLAKE3 on two cores, before and after the sale; the mean of both.")
	table.Note("Sale: from the preview, which reads the data, to the ciphertext. Ratios of rates: 1 is as fast as reading.")
	table.Note("Certify: from the offer to the certificate of one validator, which pulls and checks. All nodes share this machine.")
	m := market.Open(b, market.Options{Validators: 1, Sellers: 1, Deadlines: "certify=4h,ack=12h,key=72h,dispute=24h"})
	for i := range rounds {
		r := measure(m, i, size)
		mb := float64(size) / 1e6
		table.Add(fmt.Sprintf("round %d", i+1),
			r.reading.Seconds()/r.sale().Seconds(), (r.pull+r.open).Seconds()/r.pull.Seconds(), mb/r.reading.Seconds(), mb/r.sale().Seconds(),
			r.preview.Seconds(), r.sell.Seconds(), r.certify.Seconds()/r.pull.Seconds(), r.mb/r.pull.Seconds(), r.mb/r.open.Seconds())
		require.NoError(b, table.Report()) // each time: a round takes long
	}
}

func sizeOf(b *testing.B) int64 {
	text := strings.TrimSuffix(os.Getenv("PDX_ONEPASS"), "iB")
	if text == "" {
		return 1 << 30
	}
	unit, ok := map[byte]int64{'M': 1 << 20, 'G': 1 << 30}[text[len(text)-1]]
	require.True(b, ok, "PDX_ONEPASS: a size like 256MiB or 8GiB")
	n, err := strconv.ParseInt(text[:len(text)-1], 10, 32)
	require.NoError(b, err, "PDX_ONEPASS")
	return n * unit
}

func roundsOf(b *testing.B) int {
	text := os.Getenv("PDX_ONEPASS_ROUNDS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err, "PDX_ONEPASS_ROUNDS")
	return n
}

// result is what one dataset took.
type result struct {
	reading, preview, sell, certify, pull, open time.Duration
	mb                                          float64 // of ciphertext
}

func (r result) sale() time.Duration { return r.preview + r.sell }

func measure(m *market.Market, round int, size int64) (r result) {
	path := filepath.Join(m.Dir, fmt.Sprintf("table-%d.ndjson", round))
	m.Must(write(path, size, round), "write the data")
	defer os.Remove(path)
	seller := m.Sellers[0]
	m.AddFile(seller, path, path)
	before := reading(m, path, size)
	pool := m.OpenPool(market.Pool{Criteria: document()})
	m.Pull(pool)

	var fields []string
	for i := range disclosed {
		fields = append(fields, fmt.Sprintf("/c%02d", i))
	}
	began := time.Now()
	_, err := api.PreviewSale(m.T.Context(), seller.Client(), &nodepb.PreviewSaleRequest{PoolId: pool, DataId: path, Fields: fields},
		func(string, uint64, uint64) {})
	m.Must(err, "preview")
	previewed := time.Now()
	sold, err := seller.Client().Sell(m.T.Context(), &nodepb.SellRequest{PoolId: pool, DataId: path, Fields: fields, Agreed: []uint32{1}})
	m.Must(err, "sell")
	sale := sold.Sale
	until(m, "it is sealed", func(ctx context.Context) (done bool, err error) {
		sale, err = market.SaleOf(ctx, seller, sale.Id)
		return err == nil && sale.State != "projecting" && sale.State != "sealing", err
	})
	r.preview, r.sell = previewed.Sub(began), time.Since(previewed)
	require.NotEqual(m.T, "failed", sale.State, sale.Reason)
	offered := time.Now()
	until(m, "it is certified", func(ctx context.Context) (done bool, err error) {
		sale, err = market.SaleOf(ctx, seller, sale.Id)
		return err == nil && sale.State != "offering" && sale.State != "offered", err
	})
	r.certify = time.Since(offered)
	r.follow(m, pool, sale.DealId)
	after := reading(m, path, size)
	r.reading = (before + after) / 2
	return r
}

// follow takes the times of the buyer.
func (r *result) follow(m *market.Market, pool, deal uint64) {
	var pulling, held, delivered time.Time
	once := func(at *time.Time, holds bool) {
		if at.IsZero() && holds {
			*at = time.Now()
		}
	}
	until(m, "it is opened", func(ctx context.Context) (bool, error) {
		p, err := m.PullOf(ctx, pool, deal)
		if err != nil {
			return false, err
		}
		r.mb = float64(p.Size) / 1e6
		here, known := p.State != "certified" && p.State != "pulling", p.State == "delivered" || p.State == "opened" || p.State == "final"
		once(&pulling, p.State != "certified")
		once(&held, here)
		once(&delivered, known)
		return p.Path != "", nil
	})
	r.pull, r.open = held.Sub(pulling), time.Since(delivered)
}

// until looks until it holds.
func until(m *market.Market, what string, holds func(context.Context) (bool, error)) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		done, err := holds(m.T.Context())
		if done {
			return
		}
		if err != nil && !strings.Contains(err.Error(), "not found") {
			m.Must(err, what)
		}
		<-tick.C
	}
}

// reading is how long the file takes to be read and hashed, one half on each of two cores.
func reading(m *market.Market, path string, size int64) time.Duration {
	began := time.Now()
	var work sync.WaitGroup
	failed := make([]error, 2)
	for i := range failed {
		work.Go(func() {
			f, err := os.Open(path)
			if err != nil {
				failed[i] = err
				return
			}
			defer f.Close()
			half := size / 2
			_, failed[i] = io.CopyBuffer(
				struct{ io.Writer }{blake3.New()},
				struct{ io.Reader }{io.NewSectionReader(f, int64(i)*half, half)},
				make([]byte, 1<<20),
			)
		})
	}
	work.Wait()
	m.Must(errors.Join(failed...), "read the data")
	return time.Since(began)
}

// write writes a table of about size bytes as NDJSON.
func write(path string, size int64, round int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	var line []byte
	for n, written := 0, int64(0); written < size; n++ {
		line = append(line[:0], '{')
		for c := range columns {
			if c > 0 {
				line = append(line, ',')
			}
			line = fmt.Appendf(line, `"c%02d":`, c)
			switch c % 4 {
			case 0:
				line = strconv.AppendInt(line, int64(n*columns+c+round), 10)
			case 1:
				line = fmt.Appendf(line, `"value %d of %d"`, c, n)
			case 2:
				line = strconv.AppendFloat(line, float64(n%10_000)/16, 'f', 4, 64)
			default:
				line = strconv.AppendBool(line, n%3 == 0)
			}
		}
		line = append(line, "}\n"...)
		if _, err := out.Write(line); err != nil {
			return err
		}
		written += int64(len(line))
	}
	return errors.Join(out.Flush(), f.Sync())
}

// document asks for the columns, each of its type.
func document() []byte {
	var properties, required, fields []string
	for c := range disclosed {
		rule := [4]string{
			`{"type":"integer","minimum":0}`, `{"type":"string","maxLength":40}`, `{"type":"number","maximum":1000}`, `{"type":"boolean"}`,
		}[c%4]
		properties = append(properties, fmt.Sprintf(`"c%02d":%s`, c, rule))
		required = append(required, fmt.Sprintf(`"c%02d"`, c))
		fields = append(fields, fmt.Sprintf(`{"pointer":"/c%02d","required":true,"purpose":"to measure"}`, c))
	}
	return fmt.Appendf(nil, `{"version":1,"title":"A table","media_type":"application/x-ndjson",
		"schema":{"type":"object","properties":{%s},"required":[%s]},"fields":[%s]}`,
		strings.Join(properties, ","), strings.Join(required, ","), strings.Join(fields, ","))
}
