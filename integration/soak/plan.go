//go:build linux

package soak

import (
	"math/rand/v2"
	"time"

	"github.com/medibloc/pdx/integration/market"
)

// A disturbance is something that goes wrong for a while. begin returns what ends it.
type disturbance struct {
	name  string
	chain bool // befalls the chain, not a node
	begin func(w *world, victim string, random *rand.Rand) (end func() error, err error)
}

const killing = "kill"

// disturbances are all that there are; each is as likely as the others.
var disturbances = []disturbance{
	{name: killing, begin: kill},
	{name: "stop", begin: pause},
	{name: "chain away", chain: true, begin: chainAway},
	{name: "endpoint hangs", begin: hangEndpoint},
	{name: "disk full", begin: fillDisk},
	{name: "address changes", begin: changeAddress},
	{name: "clock steps", begin: stepClock},
}

// An event is a disturbance of the plan.
type event struct {
	disturbance
	at, length time.Duration
	victim     string
	seed       uint64
}

// plan returns what happens within a time, in order. It depends on the seed alone. No
// process has two disturbances at once, but several processes have. A disturbance that
// a process is spared is left out.
func plan(o Options, names []string, spared func(event) bool) (events []event) {
	random := rand.New(rand.NewPCG(o.Seed, 0))
	free := map[string]time.Duration{}
	for at := time.Duration(0); ; {
		at += time.Duration(random.Int64N(int64(quiet)))
		e := event{
			disturbance: disturbances[random.IntN(len(disturbances))], at: at, seed: random.Uint64(),
			length: shortest + time.Duration(random.Int64N(int64(longest-shortest))), victim: names[random.IntN(len(names))],
		}
		rest := recovery
		if e.chain {
			e.victim, rest = market.ChainHost, chainRecovery
		}
		if at+e.length > o.Time {
			return events
		}
		if free[e.victim] > at || spared(e) {
			continue
		}
		free[e.victim] = at + e.length + rest
		events = append(events, e)
	}
}
