package criteria

import (
	"hash/maphash"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/findings"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

func (e *evaluator) array(f *evaluation) {
	a := &f.r.array
	if !a.used {
		return
	}
	n := e.elements(f)
	if a.min != nil && n < *a.min {
		e.fail(f, "minItems")
	}
	if a.max != nil && n > *a.max {
		e.fail(f, "maxItems")
	}
	if a.noMore && n > len(a.first) {
		e.fail(f, "additionalItems")
	}
	if a.unique && !f.done() && !e.distinctElements(f.v) {
		e.fail(f, "uniqueItems")
	}
	if a.contains != nil && !f.done() {
		e.contained(f)
	}
}

// elements tries the keywords that hold for each element, and counts them.
func (e *evaluator) elements(f *evaluation) int {
	a := &f.r.array
	if len(a.first) == 0 && a.rest == nil {
		n := f.v.Len()
		e.meter.spend(n / 8)
		return n
	}
	n := 0
	for i, element := range f.v.Elements() {
		n++
		switch {
		case f.done():
		case i < len(a.first):
			e.child(f, a.first[i], element, findings.Element(i))
		case a.rest != nil:
			e.child(f, a.rest, element, findings.Element(i))
		}
	}
	e.meter.spend(n / 8)
	return n
}

// contained counts the elements that contains wants.
func (e *evaluator) contained(f *evaluation) {
	a, n := &f.r.array, 0
	for i, element := range f.v.Elements() {
		if valid, _ := e.eval(a.contains, element, true, false); valid {
			n++
			if f.r.draft >= 2020 {
				f.left.evaluated(i)
			}
		}
	}
	switch {
	case a.minContains == nil && n == 0:
		e.fail(f, "contains")
	case a.minContains != nil && n < *a.minContains:
		e.fail(f, "minContains")
	}
	if a.maxContains != nil && n > *a.maxContains {
		e.fail(f, "maxContains")
	}
}

var hashSeed = maphash.MakeSeed()

// distinctElements reports whether no two elements of an array are equal. It
// keeps a hash of each, and stops at the first pair.
func (e *evaluator) distinctElements(array strict.Value) bool {
	var seen findings.HashSet
	for i, element := range array.Elements() {
		h := maphash.Hash{}
		h.SetSeed(hashSeed)
		canonical.Write(paying{e, &h}, element)
		if !seen.Add(h.Sum64()) && equalBefore(array, i, element) {
			return false
		}
	}
	return true
}

// paying spends what it takes to write.
type paying struct {
	e *evaluator
	w io.Writer
}

// Write implements io.Writer.
func (p paying) Write(b []byte) (int, error) {
	p.e.meter.spend(1 + len(b)/8)
	return p.w.Write(b)
}

// equalBefore reports whether one of the first n elements of an array is equal to
// another value, by its cryptographic hash.
func equalBefore(array strict.Value, n int, value strict.Value) bool {
	want := digestOf(value)
	for i, element := range array.Elements() {
		if i == n {
			break
		}
		if digestOf(element) == want {
			return true
		}
	}
	return false
}

func digestOf(values ...strict.Value) (digest [32]byte) {
	h := blake3.New()
	for _, v := range values {
		canonical.Write(h, v)
	}
	copy(digest[:], h.Sum(nil))
	return digest
}
