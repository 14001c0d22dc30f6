package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"github.com/medibloc/pdx"
)

// Schema declares the indexes of tables: the fields of their documents by which rows
// are found without reading the table. "Dataset.Root" is a field of a field. A table
// without indexes need not be named.
type Schema map[string][]string

// Query selects rows of a table: in the order of their keys, or of an indexed field
// and then of their keys. Rows whose field is missing, null or an object are in no
// index. Numbers come before text, text is in byte order, and an array, such as a
// fixed number of bytes, is its JSON text.
type Query struct {
	Table string
	// Field is a declared index; "" is the key, whose bounds are text.
	Field string
	// From and To bound the field: From <= field < To. nil is no bound. They are
	// int64 or string: see IndexValue.
	From, To any
	// After leaves out the rows at From whose key is not greater: the way to the
	// next page.
	After string
	// Limit is the most rows; 0 is no limit.
	Limit int
}

// IndexValue returns what an index has of a Go value: the text or number that JSON
// makes of it, 0 and 1 of false and true, and the JSON of an array.
func IndexValue(value any) (any, error) {
	body, err := json.Marshal(value)
	if err == nil {
		if v := indexed(body); v != nil {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%w: no index has a %T", pdx.ErrInvalid, value)
}

func indexed(body []byte) any {
	var value any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil
	}
	switch v := value.(type) {
	case string:
		return v
	case []any:
		return string(body)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil && !math.IsInf(f, 0) {
			return f
		}
	}
	return nil
}

// Successor returns the least index value greater than v, so that From v To
// Successor(v) are the rows whose field is v; nil if there is none.
func Successor(v any) any {
	switch v := v.(type) {
	case int64:
		if v < math.MaxInt64 {
			return v + 1
		}
		return ""
	case string:
		return v + "\x00"
	}
	return nil
}
