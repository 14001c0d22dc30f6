package integration_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/integration/netlab"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// Environment variables of TestRoaming: how many scans are sold, of 48 KiB each, at which rate, and
// for how long the seller's machine is suspended.
const roamScansEnv, roamRateEnv, roamSleepEnv = "PDX_ROAM_SCANS", "PDX_ROAM_RATE", "PDX_ROAM_SLEEP"

// scans are criteria of records that are long and quickly checked.
const scans = `{"version": 2, "title": "Scans", "description": "Anything.", "media_type": "application/x-ndjson",
	"schema": {"type": "object", "required": ["id", "scan"], "properties": {"id": {"type": "string"}, "scan": {"type": "string"}}},
	"records": {"min": 1, "max": 1000000}, "record_bytes": {"max": 65536}, "unique": [["/id"]],
	"fields": [
		{"pointer": "/id", "required": true, "purpose": "Tells scans apart."},
		{"pointer": "/scan", "required": true, "purpose": "Is the scan."}
	]}`

// TestRoaming sells from a machine that changes its address twice, is suspended, and loses a
// relay, all while the buyer pulls. Both are behind NATs through which no hole can be punched.
// The lost relay is replaced by one that the chain does not name: `pdx relay`, found in the DHT.
// The long form is `make roaming`.
func TestRoaming(t *testing.T) {
	for _, missing := range []error{netlab.NATSupported(), netlab.RateSupported()} {
		if missing != nil {
			t.Skip(missing)
		}
	}
	count, err := strconv.ParseUint(cmp.Or(os.Getenv(roamScansEnv), "64"), 10, 32)
	require.NoError(t, err)
	sleep, err := time.ParseDuration(cmp.Or(os.Getenv(roamSleepEnv), "5s"))
	require.NoError(t, err)
	m, inet := market.OpenInternet(t, market.InternetOptions{
		Options: market.Options{Validators: 2, Sellers: 2, Chain: []string{"--block-interval", "1s"}}, // most of it is waiting
		Scenario: `
			buyer behind port-restricted nat
			seller-1 behind symmetric nat
			seller-1 delay 10ms rate ` + cmp.Or(os.Getenv(roamRateEnv), "4mbit"),
		Launch: func(name string, process *exec.Cmd) {
			// Or the buyer would pull from the validator.
			process.Env = append(process.Environ(), "PDX_VALIDATOR_PROMISE=false")
			if name == "seller-2" && process.Args[1] == "daemon" {
				process.Args[1] = "relay"
			}
		},
	})
	seller, relay, keeper := m.Sellers[0], m.Validators[0], m.Validators[1] // both relay
	before := m.Books()
	pool := m.OpenPool(market.Pool{Criteria: []byte(scans), Validators: []pdx.Address{keeper.Account}})
	m.AddFile(seller, "scans", writeScans(t, count))
	sale := m.Sell(seller, pool, "scans")
	m.WaitSale(seller, sale.Id, pdx.DealCertified)
	m.Pull(pool)
	play := func(text string) func() { return func() { m.Must(inet.Play(text), text) } }
	for i, c := range []struct {
		what   string
		happen func()
	}{
		{"the seller's address changes", play("seller-1 moves to 46.1.1.1")},
		{"the seller's machine is suspended", func() {
			m.Must(seller.Signal(syscall.SIGSTOP), "suspend")
			<-time.After(sleep)
			m.Must(seller.Signal(syscall.SIGCONT), "wake")
		}},
		{"a relay is killed", relay.Kill},
		{"the seller's address changes again", play("seller-1 moves to 46.2.1.1")},
	} {
		m.Until(market.Patience, "more has come", func(ctx context.Context) error { return pulledPart(ctx, m.Buyer, uint64(i+1), 6) })
		c.happen()
		t.Logf("%s: the pull stands still for %s", c.what, standstill(t, m.Buyer).Round(100*time.Millisecond))
	}
	sale = m.WaitSale(seller, sale.Id, pdx.DealFinal)
	m.Bought(sale)
	found, err := m.Sellers[1].Client().Status(t.Context(), &nodepb.StatusRequest{})
	require.NoError(t, err)
	require.Regexp(t, `peers reach this node through a relay" peer_id=`+found.PeerId, seller.Log(), "pdx relay")
	again, size := sentAgain(t, m.Buyer)
	t.Logf("%s, of them again %s", humanize.IBytes(size), humanize.IBytes(again))
	require.Less(t, 100*again, size)
	m.PaidOut(market.Patience)
	m.Balanced(before, m.Gains(m.Ended(market.Patience, pool)))
}

// writeScans writes records that cannot be compressed.
func writeScans(t *testing.T, count uint64) (path string) {
	t.Helper()
	random, scan := mathrand.NewChaCha8([32]byte{1}), make([]byte, 36<<10)
	path = filepath.Join(t.TempDir(), "scans.ndjson")
	f, err := os.Create(path)
	require.NoError(t, err)
	for i := range count {
		_, _ = random.Read(scan)
		_, err := fmt.Fprintf(f, `{"id":"scan-%d","scan":"%s"}`+"\n", i, base64.StdEncoding.EncodeToString(scan))
		require.NoError(t, err)
	}
	require.NoError(t, f.Close())
	return path
}

// standstill waits until the pull has gone on for a while, and returns for how long it did not.
func standstill(t *testing.T, buyer *procs.Member) (longest time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), market.Patience)
	defer cancel()
	first, size := pulling(ctx, buyer)
	last, moved := first, time.Now()
	require.NoError(t, market.Poll(ctx, func(ctx context.Context) error {
		now, _ := pulling(ctx, buyer)
		if now > last {
			longest, last, moved = max(longest, time.Since(moved)), now, time.Now()
		}
		if last < min(first+size/8, size) {
			return fmt.Errorf("%w: %d of %d have come", pdx.ErrWrongState, last, size)
		}
		return nil
	}))
	return longest
}

// pulling returns how much of the dataset a node has, and its size; 0 before that is known.
func pulling(ctx context.Context, n *procs.Member) (held, size uint64) {
	res, err := n.Client().ListTransfers(ctx, &nodepb.ListTransfersRequest{})
	if err != nil {
		return 0, 0
	}
	for _, tr := range res.Transfers {
		if tr.Direction == "pull" && tr.Size >= size {
			held, size = max(held, tr.Held), tr.Size
		}
	}
	return held, size
}

// pulledPart returns nil when a node has a part of what it pulls.
func pulledPart(ctx context.Context, n *procs.Member, part, of uint64) error {
	if held, size := pulling(ctx, n); size == 0 || held < size*part/of {
		return fmt.Errorf("%w: %d of %d", pdx.ErrWrongState, held, size)
	}
	return nil
}

// sentAgain returns how many bytes came to a node that it had already, and how many it wanted.
func sentAgain(t *testing.T, n *procs.Member) (again, size uint64) {
	t.Helper()
	res, err := n.Client().ListTransfers(t.Context(), &nodepb.ListTransfersRequest{})
	require.NoError(t, err)
	for _, tr := range res.Transfers {
		for _, r := range tr.Routes {
			again += r.Again
		}
		size = max(size, tr.Size)
	}
	return again, size
}
