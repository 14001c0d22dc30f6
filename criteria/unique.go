package criteria

import (
	"io"
	"math"

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
	return true, u.insert([16]byte(h.Sum(nil)))
}

// insert reports whether no earlier record had a key with that digest.
func (u *uniqueSet) insert(digest [16]byte) (fresh bool) {
	_, seen := u.seen[digest]
	u.seen[digest] = struct{}{}
	return !seen
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

// Keys take the keys of records: the canonical bytes of one are written, then End is called
// with its number.
type Keys interface {
	io.Writer
	End(key uint8) error
}

// identity are the pointers whose values stand for a record of a document without unique
// keys: the required fields, which every offer discloses; the whole record if there are none.
func (d *Document) identity() []fields.Pointer {
	var pointers []fields.Pointer
	for _, field := range d.Required() {
		p, _ := fields.ParsePointer(field) // Parse has read it
		pointers = append(pointers, p)
	}
	if len(pointers) == 0 {
		return []fields.Pointer{nil}
	}
	return pointers
}

// giveKey passes a key of a record to the collector, if there is one. A pointer of the
// identity that leads nowhere writes no value.
func (r *run) giveKey(number int, key []fields.Pointer, record strict.Value) error {
	if r.keys == nil {
		return nil
	}
	for _, pointer := range key {
		writeAt(r.keys, pointer, record)
		_, _ = r.keys.Write(bar)
	}
	return r.keys.End(uint8(number))
}

// maxRecords is how many records are checked: as many as keys can be remembered of.
func (r *run) maxRecords() uint64 {
	limit := uint64(math.MaxInt64)
	if n := len(r.unique); n > 0 || r.keys != nil {
		limit = MaxUniqueKeys / uint64(max(1, n))
	}
	most := orLimit(r.checker.doc.Records.Max, limit)
	if r.keys != nil {
		return min(most, limit)
	}
	return most
}
