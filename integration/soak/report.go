//go:build linux

package soak

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// print writes what happened to standard output. It is called once, also when a check
// ended the test, so everything that it reads may be missing.
func (w *world) print() {
	for _, c := range w.crowds {
		c.stop()
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	o := w.options
	fmt.Fprintf(out, "\nSoak among strangers: %s, seed %d; %d sellers, %d validators, %d buyers, %d hostile peers\n",
		o.Time, o.Seed, o.Sellers, o.Validators, o.Buyers, o.Hostile)
	section(out, "EVENTS", w.events)
	section(out, "ATTACKS", w.attacks())
	section(out, "DEALS", w.deals)
	w.printMoney(out)
	w.printMemory(out)
	fmt.Fprintln(out, "\nFINDINGS")
	for _, f := range w.findings {
		fmt.Fprintln(out, f)
	}
	if len(w.findings) == 0 && !w.t.Failed() {
		fmt.Fprintln(out, "none")
	}
	if w.t.Failed() {
		fmt.Fprintln(out, "a check failed: its message follows")
	}
	_ = out.Flush()
}

// printMemory writes a line for the longest life of each node.
func (w *world) printMemory(out io.Writer) {
	fmt.Fprintln(out, "\nRSSANON, MiB\tprocesses\tlongest\tmedian\tmost\ttrend")
	for _, name := range slices.Sorted(maps.Keys(w.memory)) {
		l := longestLife(w.memory[name])
		most, trend := 0, "too short"
		for _, s := range l.samples {
			most = max(most, s.kib)
		}
		if warm := l.warm(); warm.length() >= judgedFrom {
			trend = fmt.Sprintf("%+.1f in %s", warm.trend()/1024, warm.length().Round(time.Second))
		}
		fmt.Fprintf(out, "%s\t%d\t%s\t%d\t%d\t%s\n", name, len(w.memory[name]), l.length().Round(time.Second), l.median()>>10, most>>10, trend)
	}
}

func section[K ~string](out *tabwriter.Writer, title string, count map[K]int) {
	fmt.Fprintln(out, "\n"+title)
	for _, name := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(out, "%s\t%d\n", strings.ToLower(string(name)), count[name])
	}
}

// attacks adds up what the crowds counted.
func (w *world) attacks() map[string]int {
	total := map[string]int{}
	for _, c := range w.crowds {
		count, err := readAttackCount(c.file + ".count")
		if err != nil {
			w.find("%s attacked nobody: %v", c.content.Name, err)
		}
		for name, n := range count {
			total[name] += n
		}
	}
	return total
}

func (w *world) printMoney(out *tabwriter.Writer) {
	if w.market == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	money, err := w.market.Fleet.Money(ctx)
	if err != nil {
		fmt.Fprintln(out, "\nMONEY\t", err)
		return
	}
	fmt.Fprintf(out, "\nMONEY, umed, at height %d\n", money.Height)
	for _, h := range money.Holdings {
		fmt.Fprintf(out, "%s\t%d\n", h.Name, h.Amount)
	}
	fmt.Fprintf(out, "sum\t%d\n", money.Sum())
}
