package criteria

import (
	"io"
	"math"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

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
