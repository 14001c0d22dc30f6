package criteria

import (
	"hash/maphash"
	"io"
	"math/bits"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

var hashSeed = maphash.MakeSeed()

// hashSet is a set of 64-bit hashes in little memory: 11 to 16 bytes
// each, in tables that grow one at a time. A record of a million hashes has two that are
// equal once in 37 million such records; one finding is then not counted.
type hashSet struct {
	tables [64]hashTable
}

// hashTable has open addressing; 0 is an empty slot.
type hashTable struct {
	n     int
	slots []uint64
}

// add reports whether hash is new.
func (s *hashSet) add(hash uint64) bool {
	hash = max(hash, 1)
	return s.tables[hash%64].add(hash)
}

func (p *hashTable) add(hash uint64) bool {
	if 4*(p.n+1) > 3*len(p.slots) {
		old := p.slots
		p.slots = make([]uint64, max(8, len(old)+len(old)/2))
		for _, h := range old {
			if h != 0 {
				p.put(h)
			}
		}
	}
	if !p.put(hash) {
		return false
	}
	p.n++
	return true
}

func (p *hashTable) put(hash uint64) bool {
	at, _ := bits.Mul64(hash, uint64(len(p.slots)))
	for ; ; at++ {
		if at == uint64(len(p.slots)) {
			at = 0
		}
		switch p.slots[at] {
		case 0:
			p.slots[at] = hash
			return true
		case hash:
			return false
		}
	}
}

// distinctElements reports whether no two elements of an array are equal. It
// keeps a hash of each, and stops at the first pair.
func (e *evaluator) distinctElements(array strict.Value) bool {
	var seen hashSet
	for i, element := range array.Elements() {
		h := maphash.Hash{}
		h.SetSeed(hashSeed)
		writeCanonical(paying{e, &h}, element)
		if !seen.add(h.Sum64()) && equalBefore(array, i, element) {
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
