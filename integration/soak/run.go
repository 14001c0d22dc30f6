//go:build linux

package soak

import (
	"context"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/netlab"
	"github.com/medibloc/pdx/node/procs"
)

// Run soaks a market among strangers and fails the test if anything is wrong at the end.
func Run(t testing.TB, o Options) {
	t.Helper()
	if err := netlab.Supported(); err != nil {
		t.Fatalf("a soak needs network namespaces: %v", err)
	}
	if os.Getenv("PDX_BIN") == "" { // else somebody built the programs, for example with a fault to be found
		t.Setenv("PDX_BIN", buildStepped(t))
	}
	w := newWorld(t, o)
	defer w.print() // also when a check ends the test
	w.open()
	w.fund()
	before := w.market.Books()
	w.openPools()
	w.startCrowds()
	stop := w.market.SellOn(o.Seed, w.pools...)
	w.disturb()
	require.NoError(t, stop())
	w.check(before)
	require.Empty(t, w.findings)
}

// disturb lets the plan happen, and watches meanwhile.
func (w *world) disturb() {
	ctx, cancel := context.WithTimeout(w.t.Context(), w.options.Time)
	defer cancel()
	var names []string
	for _, n := range w.market.Fleet.Members() {
		names = append(names, n.Name)
	}
	var work sync.WaitGroup
	work.Go(func() { w.watch(ctx) })
	began := time.Now()
	for _, e := range plan(w.options, names, w.spared) {
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(began.Add(e.at))):
			work.Go(func() { w.happen(e) })
		}
	}
	<-ctx.Done()
	work.Wait()
}

// spared reports whether an event is not for its victim: the last node of each role is
// never killed, so that one process shows whether memory stays flat.
func (w *world) spared(e event) bool {
	if e.name != killing {
		return false
	}
	for _, role := range [][]*procs.Member{w.market.Buyers, w.market.Validators, w.market.Sellers} {
		if role[len(role)-1].Name == e.victim {
			return true
		}
	}
	return false
}

// happen begins an event and ends it. It is left out if an earlier one of the same victim
// has not ended: on a busy machine a start takes longer than the plan knows.
func (w *world) happen(e event) {
	if !w.take(e.victim) {
		w.t.Logf("%s  %s: %s is left out", time.Now().Format("15:04:05"), e.victim, e.name)
		return
	}
	defer w.give(e.victim)
	w.t.Logf("%s  %s: %s for %s", time.Now().Format("15:04:05"), e.victim, e.name, e.length.Round(time.Second))
	end, err := e.begin(w, e.victim, rand.New(rand.NewPCG(e.seed, 0)))
	if err != nil {
		w.find("begin: %s: %s: %v", e.victim, e.name, err)
		return
	}
	<-time.After(e.length)
	if err := end(); err != nil {
		w.find("end: %s: %s: %v", e.victim, e.name, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events[e.name]++
}

// take reports whether a victim is not disturbed already, and makes it so.
func (w *world) take(victim string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	free := !w.disturbed[victim]
	w.disturbed[victim] = true
	return free
}

func (w *world) give(victim string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.disturbed, victim)
}

// watchEvery is the time between two looks at the nodes.
const watchEvery = 5 * time.Second

// watch reads the nodes' memory and keeps the crowds informed.
func (w *world) watch(ctx context.Context) {
	for ctx.Err() == nil {
		w.readMemory()
		w.tellCrowds()
		select {
		case <-ctx.Done():
		case <-time.After(watchEvery):
		}
	}
}

// short bounds a question to a process that may be stopped.
func (w *world) short() (context.Context, context.CancelFunc) {
	return context.WithTimeout(w.t.Context(), 2*time.Second)
}
