//go:build linux

package soak

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// check waits until all is at rest and looks for what is wrong.
func (w *world) check(before market.Books) {
	w.t.Helper()
	w.checkRunning()
	deals := w.market.Ended(patience, w.pools...)
	for _, d := range deals {
		w.deals[d.State]++
	}
	w.market.AllBought(deals)
	w.market.PaidOut(patience)
	w.closePools()
	w.market.Balanced(before, w.market.Gains(deals))
	w.checkMemory()
	w.checkBlobs(deals)
}

func (w *world) closePools() {
	w.t.Helper()
	for i, pool := range w.pools {
		_, err := w.market.Buyers[i].Client().ClosePool(w.t.Context(), &nodepb.ClosePoolRequest{Id: pool})
		w.market.Must(err, "close a pool")
	}
}

// panicked matches what the Go runtime prints when a program fails.
var panicked = regexp.MustCompile(`(?m)^(panic:|fatal error:|goroutine \d+ \[running\])`)

// checkRunning finds nodes that ended by themselves, or had ended before a start.
func (w *world) checkRunning() {
	for _, n := range w.market.Fleet.Members() {
		if !n.Running() {
			w.find("%s ended by itself", n.Name)
		}
		if panicked.MatchString(n.Log()) {
			w.find("%s panicked: see its log", n.Name)
		}
	}
}

func (w *world) checkMemory() {
	for name, all := range w.memory {
		if first, last := thirds(all); grew(first, last) {
			w.find("memory of %s grew from %d to %d MiB", name, first>>10, last>>10)
		}
	}
}

// checkBlobs stops the nodes and finds ciphertexts of deals that have ended.
func (w *world) checkBlobs(deals []pdx.Deal) {
	w.t.Helper()
	roots := map[pdx.ContentID]pdx.DealID{}
	for _, d := range deals {
		roots[d.Dataset.Root] = d.ID
	}
	for _, n := range w.market.Fleet.Members() {
		w.market.Must(n.Stop(), "stop "+n.Name)
		left, err := leftOver(w.t.Context(), filepath.Join(n.Home, "blobs"), roots)
		w.market.Must(err, "list the blobs of "+n.Name)
		for _, deal := range left {
			w.find("%s still has the ciphertext of deal %d", n.Name, deal)
		}
	}
}

// leftOver returns the deals whose ciphertext is in a store.
func leftOver(ctx context.Context, folder string, roots map[pdx.ContentID]pdx.DealID) (deals []pdx.DealID, err error) {
	store, err := fs.Open(folder)
	if err != nil {
		return nil, err
	}
	for info, err := range store.List(ctx) {
		if err != nil {
			return nil, errors.Join(err, store.Close())
		}
		if deal, ok := roots[info.ID]; ok {
			deals = append(deals, deal)
		}
	}
	return deals, store.Close()
}
