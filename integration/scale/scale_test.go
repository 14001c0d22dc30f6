package scale_test

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/scale"
)

var long = flag.Bool("long", false, "run the tests that take long")

var sizes = flag.String("sizes", "", "measure networks of these sizes, like 50,1000")

// TestAHundredNodes: nearly every lookup finds a live member, although a fifth of the network
// lies and nodes come and go.
func TestAHundredNodes(t *testing.T) {
	opt := scale.Defaults(100)
	opt.Settle, opt.Lookups = 2*time.Minute, 30
	synctest.Test(t, func(t *testing.T) {
		n := scale.New(t, opt)
		defer n.Close()
		n.Run(opt.Settle)
		found := 0
		for _, l := range n.Lookups() {
			if l.Found {
				found++
			}
		}
		require.GreaterOrEqual(t, found, 29, "of 30")
	})
}

// TestPartition: halves that were apart for long find each other's members again. How long that
// takes is printed.
func TestPartition(t *testing.T) {
	opt := scale.Defaults(16)
	opt.Hostile, opt.Churn = 0, 0
	synctest.Test(t, func(t *testing.T) {
		n := scale.New(t, opt)
		defer n.Close()
		n.Run(6 * time.Minute) // routing tables have been written down
		n.Part()
		n.AnnounceOwn()
		n.Run(10 * time.Minute)
		require.Empty(t, n.FindAcross(2, time.Second), "nothing passes")
		n.Heal()
		took := n.FindAcross(6, 10*time.Minute)
		t.Logf("members in the other half were found after %v", took)
		require.Len(t, took, 6)
	})
}

// TestTopics measures how a notice spreads in a pool's topic; `make scale` runs it.
func TestTopics(t *testing.T) {
	if *sizes == "" {
		t.Skip("measures for minutes: make scale")
	}
	for _, members := range []int{10, 50, 100} {
		synctest.Test(t, func(t *testing.T) {
			s := scale.MeasureTopic(t, members, 50*time.Millisecond)
			t.Logf("%d members: %.1f %% reached, median %v, last %v, %.1f connected members each",
				members, 100*s.Reached, s.Median.Round(time.Millisecond), s.Last.Round(time.Millisecond), s.Peers)
			require.Greater(t, s.Reached, 0.95)
		})
	}
}

// TestSizes measures; `make scale` runs it.
func TestSizes(t *testing.T) {
	if *sizes == "" {
		t.Skip("measures for many minutes: make scale")
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "nodes\thostile\tchurn/h\tfound\thops\tasked\ttook, median\t95 %\trequests/node/h\ttable\tMiB/node\t")
	for _, size := range parse(t, *sizes) {
		for _, hostile := range []bool{false, true} {
			opt := scale.Defaults(size)
			if !hostile {
				opt.Hostile, opt.Churn = 0, 0
			}
			synctest.Test(t, func(t *testing.T) { row(t, table, opt) })
		}
	}
	require.NoError(t, table.Flush())
}

func parse(t *testing.T, text string) (all []int) {
	t.Helper()
	for size := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(size)
		require.NoError(t, err, "-sizes")
		all = append(all, n)
	}
	return all
}

// row measures one network.
func row(t *testing.T, table io.Writer, opt scale.Options) {
	t.Helper()
	before := memory()
	n := scale.New(t, opt)
	n.Run(opt.Settle / 2)
	quiet := n.Requests()
	n.Run(opt.Settle)
	quiet = (n.Requests() - quiet) / float64(opt.Nodes) / opt.Settle.Hours()
	each := (memory() - before) / float64(opt.Nodes) / (1 << 20)
	all, size := n.Lookups(), n.Table()
	n.Close()

	found, hops, asked := 0, 0, 0
	var took []time.Duration
	for _, l := range all {
		if l.Found {
			found++
		}
		hops, asked, took = hops+l.Hops, asked+l.Requests, append(took, l.Took)
	}
	slices.Sort(took)
	count := float64(len(all))
	t.Logf("%d nodes, hostile %.0f %%: %d of %d found", opt.Nodes, opt.Hostile*100, found, len(all))
	fmt.Fprintf(table, "%d\t%.0f %%\t%.0f %%\t%.1f %%\t%.1f\t%.1f\t%v\t%v\t%.0f\t%.0f\t%.1f\t\n",
		opt.Nodes, opt.Hostile*100, opt.Churn*100, 100*float64(found)/count, float64(hops)/count, float64(asked)/count,
		took[len(took)/2].Round(time.Millisecond), took[len(took)*95/100].Round(time.Millisecond), quiet, size, each)
}

// memory returns what the heap and the stacks take, in bytes.
func memory() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}
