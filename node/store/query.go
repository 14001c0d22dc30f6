package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/medibloc/pdx"
)

// Schema declares the indexes of tables: the fields of their documents by which rows
// are found without reading the table. "Dataset.Root" is a field of a field, "Pool,Deal"
// an index of two fields that are whole numbers, 0 or more: see Joined. A table without
// indexes need not be named.
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
	// Reverse begins with the highest field and key. From is then the upper bound,
	// From >= field > To, and After leaves out the rows at From whose key is not less.
	Reverse bool
}

// FieldOf returns what an index on a field has of a document, nil for nothing.
func FieldOf(body []byte, field string) any { return FieldsOf(body, []string{field})[0] }

// FieldsOf is FieldOf for several fields of one document.
func FieldsOf(body []byte, fields []string) []any {
	values := make([]any, len(fields))
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return values
	}
	for i, field := range fields {
		one, two, joined := strings.Cut(field, ",")
		values[i] = member(members, one)
		if !joined {
			continue
		}
		m, ok1 := values[i].(int64)
		n, ok2 := member(members, two).(int64)
		if values[i] = nil; ok1 && ok2 && m >= 0 && n >= 0 {
			values[i] = Joined(uint64(m), uint64(n))
		}
	}
	return values
}

// member returns what an index has of a field that is a path of names.
func member(members map[string]json.RawMessage, path string) any {
	name, rest, deeper := strings.Cut(path, ".")
	value := members[name]
	if value == nil || !deeper {
		return indexed(value)
	}
	var below map[string]json.RawMessage
	if json.Unmarshal(value, &below) != nil {
		return nil
	}
	return member(below, rest)
}

// Joined returns what an index of several fields has of their numbers: a text whose order
// is theirs.
func Joined(numbers ...uint64) string {
	var text strings.Builder
	for i, n := range numbers {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "%019d", n)
	}
	return text.String()
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
