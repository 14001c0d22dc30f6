package dedup

import (
	"errors"
	"io"
	"slices"
)

// An Overlap counts which fingerprints of a set occur in other sets, each once however many
// sets have it.
type Overlap struct {
	set  Set
	seen []uint64 // a bit for each fingerprint
}

// NewOverlap returns an overlap of a set with nothing.
func NewOverlap(s Set) *Overlap { return &Overlap{set: s, seen: make([]uint64, (s.Len()+63)/64)} }

// Add compares the set with another one and returns how many fingerprints they share. After
// an error, which is the reader's, nothing is added.
func (o *Overlap) Add(other *Reader) (shared int, err error) {
	seen := slices.Clone(o.seen)
	i, own := 0, o.set.found
	for {
		f, err := other.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		for i < len(own) && compare(own[i], f) < 0 {
			i++
		}
		if i < len(own) && own[i] == f {
			seen[i/64] |= 1 << (i % 64)
			shared++
		}
	}
	o.seen = seen
	return shared, nil
}

// A Share is how many records of a set occurred before, by one of their keys.
type Share struct{ Common, All uint64 }

// Exceeds reports whether the share is more than a number of parts in a million.
func (s Share) Exceeds(ppm uint32) bool { return s.Common*1_000_000 > s.All*uint64(ppm) }

// Share returns the greatest share of all keys of the records: a record that has one of its
// keys in common with another is a duplicate by that key.
func (o *Overlap) Share() (most Share) {
	var by [MaxKeys]Share
	for i, f := range o.set.found {
		s := &by[f.Key()]
		s.All++
		if o.seen[i/64]>>(i%64)&1 == 1 {
			s.Common++
		}
	}
	for _, s := range by {
		if s.Common*most.All > most.Common*s.All || most.All == 0 {
			most = s
		}
	}
	return most
}
