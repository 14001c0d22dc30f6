//go:build linux

package soak

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	// warmUp is how long a process takes until its caches are full and the memory in
	// which its passphrase was stretched is given back.
	warmUp = 2 * time.Minute
	// judgedFrom is the shortest time after the warm-up from which a trend is told from
	// the garbage collector's waves.
	judgedFrom = 5 * time.Minute
	// growthFloor, in KiB, and a tenth of what a process has, whichever is more, is how
	// much the trend may add to it in all.
	growthFloor = 16 << 10
)

// life is the memory of one process of a node, from its start to its end.
type life struct {
	pid     int
	samples []rssSample
}

type rssSample struct {
	at  time.Time
	kib int // RssAnon
}

var rssAnon = regexp.MustCompile(`(?m)^RssAnon:\s+(\d+) kB`)

// readMemory notes how much memory each running node has.
func (w *world) readMemory() {
	for _, n := range w.market.Fleet.Members() {
		pid := n.PID()
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue // it is down
		}
		if found := rssAnon.FindSubmatch(raw); found != nil {
			kib, _ := strconv.Atoi(string(found[1])) // digits
			w.mu.Lock()
			w.memory[n.Name] = remember(w.memory[n.Name], pid, rssSample{time.Now(), kib})
			w.mu.Unlock()
		}
	}
}

func remember(lives []life, pid int, s rssSample) []life {
	if len(lives) == 0 || lives[len(lives)-1].pid != pid {
		lives = append(lives, life{pid: pid})
	}
	last := &lives[len(lives)-1]
	last.samples = append(last.samples, s)
	return lives
}

// longestLife returns the life that lasted longest.
func longestLife(lives []life) life {
	return slices.MaxFunc(lives, func(a, b life) int { return int(a.length() - b.length()) })
}

func (l life) length() time.Duration {
	if len(l.samples) == 0 {
		return 0
	}
	return l.samples[len(l.samples)-1].at.Sub(l.samples[0].at)
}

// warm returns what came after the warm-up.
func (l life) warm() life {
	for i, s := range l.samples {
		if s.at.Sub(l.samples[0].at) >= warmUp {
			return life{l.pid, l.samples[i:]}
		}
	}
	return life{pid: l.pid}
}

// median returns the median of the samples, in KiB.
func (l life) median() int {
	var all []int
	for _, s := range l.samples {
		all = append(all, s.kib)
	}
	return medianOf(all)
}

// trend returns by how many KiB the memory grew from the first sample to the last: the
// median of the slopes between any two samples (Theil and Sen), which waves and peaks
// do not move.
func (l life) trend() float64 {
	var slopes []float64
	for i, a := range l.samples {
		for _, b := range l.samples[i+1:] {
			slopes = append(slopes, float64(b.kib-a.kib)/b.at.Sub(a.at).Seconds())
		}
	}
	return medianOf(slopes) * l.length().Seconds()
}

// grew reports whether the memory of a life after its warm-up is not flat.
func (l life) grew() bool {
	return l.length() >= judgedFrom && l.trend() > float64(max(growthFloor, l.median()/10))
}

func medianOf[N int | float64](all []N) (none N) {
	if len(all) == 0 {
		return none
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// checkMemory finds memory that grows in the longest life of each node.
func (w *world) checkMemory() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, lives := range w.memory {
		if l := longestLife(lives).warm(); l.grew() {
			w.findings = append(w.findings, fmt.Sprintf("memory of %s grew by %.0f MiB in %s: its median is %d MiB",
				name, l.trend()/1024, l.length().Round(time.Second), l.median()>>10))
		}
	}
}
