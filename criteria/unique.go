package criteria

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/fields"
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
		writeCanonical(w, value)
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

// writeCanonical writes bytes that two values share exactly when JSON Schema
// calls them equal: members sorted, numbers by value. No value's bytes begin
// another's.
func writeCanonical(w io.Writer, v strict.Value) {
	switch v.Kind() {
	case '{':
		_, _ = w.Write([]byte{'{'})
		for _, m := range sortedMembers(v) {
			writeText(w, 's', m.name)
			writeCanonical(w, v.Numbered(m.number+1))
		}
		_, _ = w.Write([]byte{'}'})
	case '[':
		_, _ = w.Write([]byte{'['})
		for _, element := range v.Elements() {
			writeCanonical(w, element)
		}
		_, _ = w.Write([]byte{']'})
	case '"':
		writeText(w, 's', v.Text())
	case 't', 'f', 'n':
		_, _ = w.Write([]byte{v.Kind()})
	default:
		writeText(w, '0', []byte(canonicalNumber(string(v.Raw()))))
	}
}

func writeText(w io.Writer, kind byte, text []byte) {
	var head [1 + binary.MaxVarintLen64]byte
	head[0] = kind
	_, _ = w.Write(head[:1+binary.PutUvarint(head[1:], uint64(len(text)))])
	_, _ = w.Write(text)
}

// member is a member's name, and the number of that name in its record. The
// member's value has the next number.
type member struct {
	name   []byte
	number uint32
}

// sortedMembers are the members of an object in the order of their names, each of
// which is decoded once.
func sortedMembers(object strict.Value) []member {
	members := make([]member, 0, object.Len())
	for name := range object.Members() {
		members = append(members, member{name.Text(), name.Number()})
	}
	slices.SortFunc(members, func(a, b member) int { return bytes.Compare(a.name, b.name) })
	return members
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
