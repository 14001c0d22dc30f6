package dedup

import (
	"bytes"
	"crypto/sha512"
	"fmt"
	"hash"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// A Fingerprint stands for one key of one record: the number of the key, then 15 bytes of a
// hash of its values under the tag key.
type Fingerprint [FingerprintLen]byte

// Key returns the number of the key, from 0.
func (f Fingerprint) Key() uint8 { return f[0] }

func compare(a, b Fingerprint) int { return bytes.Compare(a[:], b[:]) }

// A Collector makes fingerprints. The canonical bytes of one key of a record are written to
// it, and End ends them.
type Collector struct {
	hash  hash.Hash
	found []Fingerprint
	most  int
}

// NewCollector returns a collector of fingerprints under the key.
func (k Key) NewCollector() (*Collector, error) {
	secret, err := k.expand("fingerprint", 32)
	if err != nil {
		return nil, err
	}
	h, err := blake3.NewKeyed(secret)
	if err != nil {
		return nil, fmt.Errorf("fingerprints: %w", err)
	}
	return &Collector{hash: h, most: MaxFingerprints}, nil
}

// Write adds canonical bytes. It returns no error.
func (c *Collector) Write(p []byte) (int, error) { return c.hash.Write(p) }

// End ends the values of a key with this number. It returns pdx.ErrInvalid beyond
// MaxFingerprints.
func (c *Collector) End(key uint8) error {
	if len(c.found) == c.most {
		return fmt.Errorf("record set: %w: more than %d keys of records", pdx.ErrInvalid, c.most)
	}
	_, _ = c.hash.Write([]byte{key})
	var sum [32]byte
	c.hash.Sum(sum[:0])
	c.hash.Reset()
	f := Fingerprint{key}
	copy(f[1:], sum[:])
	c.found = append(c.found, f)
	return nil
}

// Set returns what was collected, sorted and each fingerprint once. The collector must not
// be used any more.
func (c *Collector) Set() Set {
	slices.SortFunc(c.found, compare)
	return Set{found: slices.Compact(c.found)}
}

// A Set is the record set of a dataset: its fingerprints in ascending order, each once.
type Set struct{ found []Fingerprint }

// Len returns the number of fingerprints.
func (s Set) Len() int { return len(s.found) }

// Tag returns the duplicate tag: the hash of all fingerprints.
func (s Set) Tag() [32]byte {
	h := newTagHash()
	for i := range s.found {
		_, _ = h.Write(s.found[i][:])
	}
	return [32]byte(h.Sum(nil))
}

func newTagHash() hash.Hash {
	h := sha512.New512_256()
	_, _ = h.Write(group.Frame(nil, "domain", []byte("duplicate-tag")))
	return h
}
