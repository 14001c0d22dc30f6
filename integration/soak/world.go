//go:build linux

package soak

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/integration/netlab"
	"github.com/medibloc/pdx/node/procs"
)

// world is everything that takes part in a soak.
type world struct {
	t       testing.TB
	options Options
	chainID string
	// chainFlags start the chain again at the same addresses.
	chainFlags []string
	market     *market.Market
	internet   *market.Internet
	relays     map[string][]*netlab.Relay // of the endpoints of each node
	clocks     string                     // a folder
	pools      []uint64
	crowds     []*crowd

	mu        sync.Mutex
	moves     int
	disturbed map[string]bool // which processes
	events    map[string]int
	findings  []string
	memory    map[string][]life // of each node
	deals     map[pdx.DealState]int
}

func newWorld(t testing.TB, o Options) *world {
	t.Helper()
	return &world{
		t: t, options: o, clocks: t.TempDir(), relays: map[string][]*netlab.Relay{},
		disturbed: map[string]bool{},
		events:    map[string]int{}, memory: map[string][]life{}, deals: map[pdx.DealState]int{},
	}
}

// open starts the chain and the honest nodes, and opens one pool for each buyer.
func (w *world) open() {
	w.t.Helper()
	w.market, w.internet = market.OpenInternet(w.t, market.InternetOptions{
		Options: market.Options{
			Sellers: w.options.Sellers, Validators: w.options.Validators, Buyers: w.options.Buyers, Deadlines: deadlines,
		},
		Prepare: w.prepare, Launch: w.launch,
	})
	ends := w.market.Fleet.Endpoints()
	rpc, err := url.Parse(ends.RPC)
	require.NoError(w.t, err)
	w.chainID, w.chainFlags = ends.ChainID, []string{"--grpc", ends.GRPC, "--rpc", rpc.Host}
}

// prepare gives a node a small disk and endpoints of its own.
func (w *world) prepare(m *market.Market, internet *market.Internet, name string) []string {
	w.t.Helper()
	w.mountHome(filepath.Join(m.Dir, name))
	ends := m.Fleet.Endpoints()
	rpc, err := url.Parse(ends.RPC)
	require.NoError(w.t, err)
	host, _, err := net.SplitHostPort(ends.GRPC)
	require.NoError(w.t, err)
	for _, to := range []string{ends.GRPC, rpc.Host} {
		w.relays[name] = append(w.relays[name], internet.Relay(host+":0", to))
	}
	return []string{"--grpc", w.relays[name][0].At, "--rpc", "http://" + w.relays[name][1].At}
}

// launch tells a process where its clock is set.
func (w *world) launch(name string, process *exec.Cmd) {
	if _, err := os.Stat(w.clockFile(name)); err != nil {
		require.NoError(w.t, writeClock(w.clockFile(name), 0))
	}
	process.Env = append(os.Environ(), clockEnv+"="+w.clockFile(name))
}

// count is how many datasets each pool takes: more than there is time for.
func (w *world) count() uint64 { return 100 + uint64(w.options.Time.Seconds()) }

// fund gives the buyers what the pools cost, and the validators the fees of certificates.
func (w *world) fund() {
	w.t.Helper()
	for _, buyer := range w.market.Buyers {
		err := w.market.Fleet.Fund(w.t.Context(), buyer.Account, market.Price*pdx.Amount(w.count()))
		require.NoError(w.t, err)
	}
	for _, v := range w.market.Validators {
		require.NoError(w.t, w.market.Fleet.Fund(w.t.Context(), v.Account, feePerDeal*pdx.Amount(w.count())))
	}
}

// feePerDeal is more than a validator pays for its certificate of one deal.
const feePerDeal pdx.Amount = 3_000_000

// openPools opens and orders one pool for each buyer.
func (w *world) openPools() {
	w.t.Helper()
	for _, buyer := range w.market.Buyers {
		m := w.market.As(buyer)
		pool := m.OpenPool(market.Pool{Count: w.count(), Required: (w.options.Validators + 1) / 2})
		m.Pull(pool)
		w.pools = append(w.pools, pool)
	}
}

func (w *world) member(name string) *procs.Member {
	for _, n := range w.market.Fleet.Members() {
		if n.Name == name {
			return n
		}
	}
	panic("no member " + name) // the plan has only names of members
}

// find notes a finding: something that is wrong.
func (w *world) find(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.findings = append(w.findings, fmt.Sprintf(format, args...))
}
