package findings

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
)

var hashSeed = maphash.MakeSeed()

// A Recorder counts the findings of one record and keeps the first Most of them, in the order
// of a report. It remembers a hash of each other finding, because equal findings count once.
type Recorder struct {
	// Total counts all findings, and First are the first of them. Rules are those that the
	// record breaks, each once: there are as many as the criteria have keywords and rules.
	Total uint64
	First []pdx.Finding
	Rules []string

	path   pathWriter
	seen   HashSet
	number uint64 // of the record
}

// NewRecorder returns a Recorder whose paths show the names that shows reports.
func NewRecorder(shows func(name string) bool) *Recorder {
	return &Recorder{path: pathWriter{shows: shows}}
}

// Begin starts a record.
func (r *Recorder) Begin(number uint64) {
	*r = Recorder{path: pathWriter{shows: r.path.shows, text: r.path.text[:0]}, number: number, Rules: r.Rules[:0]}
}

// Number returns the number of the record, 0 for the dataset as a whole.
func (r *Recorder) Number() uint64 { return r.number }

// Push goes one step down from the value at the path, and Pop back.
func (r *Recorder) Push(s Step) { r.path.push(s) }

// Pop takes back the last Push.
func (r *Recorder) Pop() { r.path.pop() }

// Path returns the path, as a finding has it.
func (r *Recorder) Path() string { return string(r.path.bytes()) }

// Add notes that the value at the path breaks a rule.
func (r *Recorder) Add(rule string) {
	path := r.path.bytes()
	if !r.seen.Add(mix(maphash.Bytes(hashSeed, path), maphash.String(hashSeed, rule))) {
		return
	}
	r.Total++
	if !slices.Contains(r.Rules, rule) {
		r.Rules = append(r.Rules, rule)
	}
	at, _ := slices.BinarySearchFunc(r.First, rule, func(f pdx.Finding, rule string) int {
		return cmp.Or(compare(f.Path, path), strings.Compare(f.Rule, rule))
	})
	switch {
	case at == Most:
		return
	case len(r.First) == Most:
		r.First = r.First[:Most-1]
	}
	r.First = slices.Insert(r.First, at, pdx.Finding{Record: r.number, Path: string(path), Rule: rule})
}

// compare orders a string and bytes without a copy.
func compare(a string, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// mix combines two hashes; their order counts.
func mix(a, b uint64) uint64 {
	const odd = 0x9E3779B97F4A7C15
	a = (a ^ b*odd) * odd
	return a ^ a>>32
}
