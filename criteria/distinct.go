package criteria

import (
	"hash/maphash"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/internal/findings"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

var hashSeed = maphash.MakeSeed()

// distinctElements reports whether no two elements of an array are equal. It
// keeps a hash of each, and stops at the first pair.
func (e *evaluator) distinctElements(array strict.Value) bool {
	var seen findings.HashSet
	for i, element := range array.Elements() {
		h := maphash.Hash{}
		h.SetSeed(hashSeed)
		writeCanonical(paying{e, &h}, element)
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
		writeCanonical(h, v)
	}
	copy(digest[:], h.Sum(nil))
	return digest
}
