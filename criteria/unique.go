package criteria

import (
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// uniqueSet remembers the values of one unique key by the first 16 bytes of
// their BLAKE3 hash: two records that collide by chance among MaxUniqueKeys are
// a matter of 2^-84, and a seller that makes them collide spoils only its own data.
type uniqueSet struct {
	key  []fields.Pointer
	seen map[[16]byte]struct{}
}

// add takes a record's key. present is false when a pointer of the key leads
// nowhere in the record; fresh is false when an earlier record had the same key.
func (u *uniqueSet) add(record strict.Value) (present, fresh bool) {
	h := blake3.New()
	if !writeKey(h, u.key, record) {
		return false, false
	}
	var digest [16]byte
	copy(digest[:], h.Sum(nil))
	_, seen := u.seen[digest]
	u.seen[digest] = struct{}{}
	return true, !seen
}

// writeKey writes the canonical bytes of a key: for each pointer the values that it leads to,
// and a bar. It stops and returns false where a pointer leads nowhere.
func writeKey(w io.Writer, key []fields.Pointer, record strict.Value) (present bool) {
	for _, pointer := range key {
		if !writeAt(w, pointer, record) {
			return false
		}
		_, _ = w.Write(bar)
	}
	return true
}

var bar = []byte{'|'}

// writeAt writes the values that p points to, in the order of the record, and
// reports whether there are any.
func writeAt(w io.Writer, p fields.Pointer, value strict.Value) (some bool) {
	switch {
	case len(p) == 0:
		canonical.Write(w, value)
		return true
	case value.Kind() == '[':
		for _, element := range value.Elements() {
			some = writeAt(w, p, element) || some
		}
		return some
	case value.Kind() == '{':
		if member, ok := value.Member(p[0]); ok {
			return writeAt(w, p[1:], member)
		}
	}
	return false
}
