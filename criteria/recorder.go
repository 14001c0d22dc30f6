package criteria

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
)

// recorder counts the findings of one record and keeps the first MaxFindings of
// them, in the order of a report. It remembers a hash of each other finding, because
// equal findings count once.
type recorder struct {
	path        pathWriter
	total       uint64
	undisclosed bool
	seen        hashSet
	first       []pdx.Finding
	number      uint64 // of the record
}

// begin starts a record.
func (r *recorder) begin(number uint64) {
	*r = recorder{path: pathWriter{shows: r.path.shows, text: r.path.text[:0]}, number: number}
}

func (r *recorder) push(s step) { r.path.push(s) }
func (r *recorder) pop()        { r.path.pop() }

// add notes that the value at the path breaks a rule.
func (r *recorder) add(rule string) {
	path := r.path.bytes()
	if !r.seen.add(mix(maphash.Bytes(hashSeed, path), maphash.String(hashSeed, rule))) {
		return
	}
	r.total++
	r.undisclosed = r.undisclosed || rule == RuleUndisclosed
	at, _ := slices.BinarySearchFunc(r.first, rule, func(f pdx.Finding, rule string) int {
		return cmp.Or(compare(f.Path, path), strings.Compare(f.Rule, rule))
	})
	switch {
	case at == MaxFindings:
		return
	case len(r.first) == MaxFindings:
		r.first = r.first[:MaxFindings-1]
	}
	r.first = slices.Insert(r.first, at, pdx.Finding{Record: r.number, Path: string(path), Rule: rule})
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
