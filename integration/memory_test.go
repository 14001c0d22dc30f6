package integration_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/procs"
)

// mostMemory bounds a daemon's private memory in MiB. A sale, its check and its
// pull are ordinary work.
const mostMemory = 130

// TestMemory sells a dataset of several MiB and watches the memory of all daemons
// from when they run until the price is paid. The programs are built as a release
// is, so the race detector of the test does not count.
func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a process's private memory is read from /proc, which only Linux has")
	}
	m := market.Open(t, market.Options{Validators: 2, Sellers: 1})
	watch := watchMemory(t, m)
	pool := m.OpenPool(market.Pool{})
	m.Pull(pool)
	m.AddSample(m.Sellers[0], "patients", sample.Options{Kind: sample.Patient, Patients: 10_000, Seed: 1})
	sale := m.Sell(m.Sellers[0], pool, "patients")
	m.Bought(m.WaitSale(m.Sellers[0], sale.Id, pdx.DealFinal))
	for name, most := range watch() {
		t.Logf("%s: %d MiB at most", name, most)
		require.LessOrEqual(t, most, mostMemory, name)
	}
}

// watchMemory reads the private memory of every daemon again and again. The
// function that it returns ends this, and has the most that each had in MiB.
func watchMemory(t *testing.T, m *market.Market) func() map[string]int {
	ctx, cancel := context.WithCancel(t.Context())
	most, failed := map[string]int{}, error(nil)
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			for _, n := range m.Fleet.Members() {
				now, err := privateMemory(n)
				if err != nil {
					failed = err
					return
				}
				most[n.Name] = max(most[n.Name], now)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() map[string]int {
		cancel()
		watching.Wait()
		require.NoError(t, failed)
		return most
	}
}

var rssAnon = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// privateMemory returns what a daemon has in memory that is not of a file, in MiB.
func privateMemory(n *procs.Member) (int, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.PID()))
	if err != nil {
		return 0, err
	}
	found := rssAnon.FindSubmatch(raw)
	if found == nil {
		return 0, fmt.Errorf("no RssAnon in /proc/%d/status", n.PID())
	}
	kib, err := strconv.Atoi(string(found[1]))
	return kib >> 10, err
}
