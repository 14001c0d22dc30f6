// Package canonical writes the bytes that two JSON values share exactly when JSON Schema
// calls them equal. docs/spec/duplicates.md, section 2, is their specification.
package canonical

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Write writes the canonical bytes of a value: members sorted, numbers by value. No
// value's bytes begin another's. Errors of w are not returned: it must not fail.
func Write(w io.Writer, v strict.Value) {
	switch v.Kind() {
	case '{':
		_, _ = w.Write([]byte{'{'})
		for _, m := range sortedMembers(v) {
			writeText(w, 's', m.name)
			Write(w, v.Numbered(m.number+1))
		}
		_, _ = w.Write([]byte{'}'})
	case '[':
		_, _ = w.Write([]byte{'['})
		for _, element := range v.Elements() {
			Write(w, element)
		}
		_, _ = w.Write([]byte{']'})
	case '"':
		writeText(w, 's', v.Text())
	case 't', 'f', 'n':
		_, _ = w.Write([]byte{v.Kind()})
	default:
		writeText(w, '0', []byte(Number(string(v.Raw()))))
	}
}

// WriteText is Write for a value by its text, which must be strict JSON. It returns false,
// and writes nothing, if it is not.
func WriteText(w io.Writer, text []byte) bool {
	switch text[0] {
	case '{', '[':
		tree, err := strict.Parse(text)
		if err != nil {
			return false
		}
		Write(w, tree.Root())
	case '"':
		writeText(w, 's', strict.Meaning(text))
	case 't', 'f', 'n':
		_, _ = w.Write(text[:1])
	default:
		writeText(w, '0', []byte(Number(string(text))))
	}
	return true
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

// Number writes a JSON number as digits without zeros at either end, "e", and an
// exponent: 120 is 12e1, 0.50 is 5e-1, every zero is 0.
func Number(text string) string {
	digits, e, negative := Decimal(text)
	if digits == "" {
		return "0"
	}
	if negative {
		digits = "-" + digits
	}
	return digits + "e" + strconv.Itoa(e)
}

// Decimal splits a JSON number into its digits without zeros at either end, which are
// empty for zero, the decimal exponent of the last one, and its sign.
func Decimal(text string) (digits string, exponent int, negative bool) {
	text, negative = strings.CutPrefix(text, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	whole, part, _ := strings.Cut(mantissa, ".")
	e, _ := strconv.Atoi(power) // at most 999 in size, see strict.MaxExponent
	all := strings.TrimLeft(whole+part, "0")
	digits = strings.TrimRight(all, "0")
	return digits, e - len(part) + len(all) - len(digits), negative
}
