//go:build linux

package soak

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
)

// A node may have grown between the first and the last third of the soak by half and by
// growthFloor, in KiB: what a garbage collector leaves differs by that from minute to minute.
const growthFloor = 64 << 10

var rssAnon = regexp.MustCompile(`(?m)^RssAnon:\s+(\d+) kB`)

// readMemory notes what memory each running node has.
func (w *world) readMemory() {
	for _, n := range w.market.Fleet.Members() {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.PID()))
		if err != nil {
			continue // it is down
		}
		if found := rssAnon.FindSubmatch(raw); found != nil {
			kib, _ := strconv.Atoi(string(found[1])) // digits
			w.mu.Lock()
			w.memory[n.Name] = append(w.memory[n.Name], kib)
			w.mu.Unlock()
		}
	}
}

// thirds returns the medians of the first and the last third.
func thirds(all []int) (first, last int) {
	third := len(all) / 3
	if third == 0 {
		return 0, 0
	}
	return median(all[:third]), median(all[len(all)-third:])
}

func median(part []int) int {
	sorted := slices.Sorted(slices.Values(part))
	return sorted[len(sorted)/2]
}

// grew reports whether a node's memory is not flat.
func grew(first, last int) bool { return last > first+first/2+growthFloor }
