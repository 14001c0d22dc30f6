//go:build linux

package soak_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/integration/soak"
)

var (
	length     = flag.Duration("soak", 0, "how long to soak; 0 skips it")
	seed       = flag.Uint64("seed", 0, "what happens when; 0 chooses one, which is printed")
	sellers    = flag.Int("sellers", 3, "how many sellers")
	validators = flag.Int("validators", 3, "how many validators")
	buyers     = flag.Int("buyers", 2, "how many buyers")
	hostile    = flag.Int("hostile", 50, "how many hostile peers")
)

func TestMain(m *testing.M) {
	if soak.RunCrowd() {
		return
	}
	flag.Parse()
	os.Exit(market.Run(m))
}

// TestSoak trades among strangers for as long as -soak says.
func TestSoak(t *testing.T) {
	if *length == 0 {
		t.Skip("make soak-strangers runs it")
	}
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("seed %d", *seed)
	soak.Run(t, soak.Options{
		Time: *length, Seed: *seed, Sellers: *sellers, Validators: *validators, Buyers: *buyers, Hostile: *hostile,
	})
}
