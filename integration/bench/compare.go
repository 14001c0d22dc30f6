package bench

import (
	"slices"
	"time"
)

// Subject is one of the things that are compared.
type Subject struct {
	Name string
	Op   func() // must fail loudly by itself
}

const (
	// rounds of turns: the median of so many is not moved by a few bad ones.
	rounds = 15
	// turn is how long a subject runs before it is the next one's turn: longer
	// than what the system's clock of processor time is coarse by.
	turn = 30 * time.Millisecond
)

// Compare runs the subjects in turns, the first one being what the others are
// measured by, and appends a row for each: how many times the first one's time it
// takes, and its time in microseconds. The table's columns are to be named so.
func (t *Table) Compare(subjects ...Subject) {
	counts := make([]int, len(subjects))
	for i, s := range subjects {
		counts[i] = calibrate(s.Op)
	}
	ratios, times := make([][]float64, len(subjects)), make([][]float64, len(subjects))
	for range rounds {
		var first float64
		for i, s := range subjects {
			took := micros(repeat(s.Op, counts[i])) / float64(counts[i])
			if i == 0 {
				first = took
			}
			ratios[i], times[i] = append(ratios[i], took/first), append(times[i], took)
		}
	}
	for i, s := range subjects {
		t.Add(s.Name, Median(ratios[i]), Median(times[i]))
	}
}

// calibrate finds how often an operation fits into its turn.
func calibrate(op func()) int {
	for n := 1; ; n *= 2 {
		if took := repeat(op, n); took >= turn/2 {
			return max(1, int(float64(n)*float64(turn)/float64(took)))
		}
	}
}

// repeat returns the processor time of n runs.
func repeat(op func(), n int) time.Duration {
	began := Processor()
	for range n {
		op()
	}
	return Processor() - began
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// Median of the values; it sorts them.
func Median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
