package criteria

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/blake3"
)

// uniqueSet remembers the values of one unique key by the first 16 bytes of
// their BLAKE3 hash: two records that collide by chance among MaxUniqueKeys are
// a matter of 2^-84, and who makes them collide spoils only its own dataset.
type uniqueSet struct {
	parts []pointer
	seen  map[[16]byte]struct{}
}

// add takes a record's key. present is false when a part of it is nowhere in
// the record; fresh is false when an earlier record had the same.
func (u *uniqueSet) add(record any) (present, fresh bool) {
	h := blake3.New()
	for _, part := range u.parts {
		values := collect(nil, part, record)
		if len(values) == 0 {
			return false, false
		}
		_, _ = h.Write(frame(nil, "part", canonical(nil, values)))
	}
	var digest [16]byte
	copy(digest[:], h.Sum(nil))
	_, seen := u.seen[digest]
	u.seen[digest] = struct{}{}
	return true, !seen
}

// collect appends the values that p points to, in the record's order.
func collect(found []any, p pointer, value any) []any {
	if array, ok := value.([]any); ok && len(p) > 0 {
		for _, element := range array {
			found = collect(found, p, element)
		}
		return found
	}
	if len(p) == 0 {
		return append(found, value)
	}
	object, _ := value.(map[string]any)
	if member, ok := object[p[0]]; ok {
		return collect(found, p[1:], member)
	}
	return found
}

// canonical appends a text that two values share exactly when JSON Schema calls
// them equal: members sorted, numbers by value.
func canonical(b []byte, value any) []byte {
	switch value := value.(type) {
	case map[string]any:
		b = append(b, '{')
		for _, name := range slices.Sorted(maps.Keys(value)) {
			b = append(strconv.AppendQuote(b, name), ':')
			b = append(canonical(b, value[name]), ',')
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for _, element := range value {
			b = append(canonical(b, element), ',')
		}
		return append(b, ']')
	case json.Number:
		return append(b, canonicalNumber(string(value))...)
	case string:
		return strconv.AppendQuote(b, value)
	case bool:
		return strconv.AppendBool(b, value)
	}
	return append(b, "null"...)
}

// canonicalNumber writes a number as digits without zeros at either end, "e",
// and an exponent: 120 is 12e1, 0.50 is 5e-1, every zero is 0.
func canonicalNumber(text string) string {
	text, negative := strings.CutPrefix(text, "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, part, _ := strings.Cut(mantissa, ".")
	e, _ := strconv.Atoi(exponent) // at most 999 in size, see strict.MaxExponent
	e -= len(part)
	all := strings.TrimLeft(whole+part, "0")
	trimmed := strings.TrimRight(all, "0")
	if trimmed == "" {
		return "0"
	}
	e += len(all) - len(trimmed)
	if negative {
		trimmed = "-" + trimmed
	}
	return trimmed + "e" + strconv.Itoa(e)
}
