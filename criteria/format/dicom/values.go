package dicom

import (
	"cmp"
	"encoding/binary"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/medibloc/pdx/criteria/format/internal/jsontext"
)

// recorded are the representations that a record has. The others are binary.
var recorded = map[string]bool{
	"AE": true, "AS": true, "AT": true, "CS": true, "DA": true, "DS": true, "DT": true, "FD": true, "FL": true, "IS": true, "LO": true,
	"LT": true, "PN": true, "SH": true, "SL": true, "SQ": true, "SS": true, "ST": true, "SV": true, "TM": true, "UC": true, "UI": true,
	"UL": true, "UR": true, "US": true, "UT": true, "UV": true,
}

// inCharset are those whose text is in the file's character set; other text is ASCII.
var inCharset = map[string]bool{"LO": true, "LT": true, "PN": true, "SH": true, "ST": true, "UC": true, "UT": true}

// whole are those in which a backslash separates nothing and leading spaces count.
var whole = map[string]bool{"LT": true, "ST": true, "UR": true, "UT": true}

// writer writes a record.
type writer struct {
	text    []byte
	charset string
	bad     number // an element with a wrong value
}

// object writes elements as an object.
func (w *writer) object(elements []element) bool {
	w.text = append(w.text, '{')
	begin := len(w.text)
	for _, e := range elements {
		before := len(w.text)
		if before > begin {
			w.text = append(w.text, ',')
		}
		w.text = append(jsontext.AppendString(w.text, e.info.Keyword), ':')
		empty, ok := w.value(e)
		if !ok {
			if w.bad == 0 {
				w.bad = e.tag
			}
			return false
		}
		if empty {
			w.text = w.text[:before]
		}
	}
	w.text = append(w.text, '}')
	return true
}

// value writes what an element has; empty reports that it has nothing.
func (w *writer) value(e element) (empty, ok bool) {
	if e.vr == "SQ" {
		return false, w.list(len(e.items), true, func(i int) bool { return w.object(e.items[i]) })
	}
	if size, write := binaryValue(e.vr); write != nil {
		n := len(e.value) / size
		if len(e.value)%size != 0 || n > 1 && e.info.VM == "1" {
			return false, false
		}
		return n == 0, n == 0 || w.list(n, e.info.VM != "1", func(i int) (ok bool) {
			w.text, ok = write(w.text, e.value[i*size:])
			return ok
		})
	}
	text, ok := w.decode(e)
	if !ok || text == "" {
		return true, ok
	}
	parts := []string{text}
	if e.info.VM != "1" && !whole[e.vr] {
		parts = strings.Split(text, `\`)
	}
	return false, w.list(len(parts), e.info.VM != "1" && !whole[e.vr], func(i int) bool { return w.part(e.vr, parts[i]) })
}

// list writes one value, or several as an array.
func (w *writer) list(n int, array bool, each func(i int) bool) bool {
	if array {
		w.text = append(w.text, '[')
	}
	for i := range n {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		if !each(i) {
			return false
		}
	}
	if array {
		w.text = append(w.text, ']')
	}
	return true
}

var (
	decimalText = regexp.MustCompile(`^([+-]?)([0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?$`)
	integerText = regexp.MustCompile(`^([+-]?)([0-9]+)()()$`)
)

// part writes one value of text.
func (w *writer) part(vr, text string) bool {
	text = strings.TrimRight(text, " ")
	if !whole[vr] {
		text = strings.TrimLeft(text, " ")
	}
	switch {
	case text == "":
		w.text = append(w.text, "null"...)
		return true
	case vr == "DS":
		return w.number(decimalText.FindStringSubmatch(text), text)
	case vr == "IS":
		return w.number(integerText.FindStringSubmatch(text), text)
	}
	w.text = jsontext.AppendString(w.text, text)
	return true
}

// number writes a decimal as JSON does: no plus, no leading zeroes, digits around the point.
// m are its sign, the digits before the point, those behind it, and the exponent.
func (w *writer) number(m []string, text string) bool {
	if m == nil || len(text) > maxNumber || m[2] == "" && len(m[3]) < 2 {
		return false
	}
	if m[1] == "-" {
		w.text = append(w.text, '-')
	}
	w.text = append(w.text, cmp.Or(strings.TrimLeft(m[2], "0"), "0")...)
	if len(m[3]) > 1 {
		w.text = append(w.text, m[3]...)
	}
	w.text = append(w.text, strings.ToLower(m[4])...)
	return true
}

// trimmed is text without its padding.
func trimmed(value []byte, leading bool) string {
	text := strings.TrimRight(string(value), "\x00 ")
	if leading {
		text = strings.TrimLeft(text, " ")
	}
	return text
}

// decode returns the text of a value in UTF-8.
func (w *writer) decode(e element) (string, bool) {
	text := trimmed(e.value, !whole[e.vr])
	ascii := true
	for i := range len(text) {
		ascii = ascii && text[i] < utf8.RuneSelf && text[i] != 0x1b // which begins another character set
	}
	switch {
	case ascii:
		return text, true
	case !inCharset[e.vr]:
		return "", false
	case w.charset == "ISO_IR 192":
		return text, utf8.ValidString(text)
	case w.charset == "ISO_IR 100":
		var b strings.Builder
		for i := range len(text) {
			b.WriteRune(rune(text[i]))
		}
		return b.String(), true
	}
	return "", false
}

// binaryValue returns the size of a value that is no text, and how it is written.
func binaryValue(vr string) (size int, write func(b, raw []byte) ([]byte, bool)) {
	le := binary.LittleEndian
	unsigned := func(n uint64) func(b []byte) ([]byte, bool) {
		return func(b []byte) ([]byte, bool) { return strconv.AppendUint(b, n, 10), true }
	}
	signed := func(n int64) func(b []byte) ([]byte, bool) {
		return func(b []byte) ([]byte, bool) { return strconv.AppendInt(b, n, 10), true }
	}
	switch vr {
	case "US":
		return 2, func(b, raw []byte) ([]byte, bool) { return unsigned(uint64(le.Uint16(raw)))(b) }
	case "SS":
		return 2, func(b, raw []byte) ([]byte, bool) { return signed(int64(int16(le.Uint16(raw))))(b) }
	case "UL":
		return 4, func(b, raw []byte) ([]byte, bool) { return unsigned(uint64(le.Uint32(raw)))(b) }
	case "SL":
		return 4, func(b, raw []byte) ([]byte, bool) { return signed(int64(int32(le.Uint32(raw))))(b) }
	case "UV":
		return 8, func(b, raw []byte) ([]byte, bool) { return unsigned(le.Uint64(raw))(b) }
	case "SV":
		return 8, func(b, raw []byte) ([]byte, bool) { return signed(int64(le.Uint64(raw)))(b) }
	case "FL":
		return 4, func(b, raw []byte) ([]byte, bool) {
			return jsontext.AppendFloat(b, float64(math.Float32frombits(le.Uint32(raw))), 32)
		}
	case "FD":
		return 8, func(b, raw []byte) ([]byte, bool) {
			return jsontext.AppendFloat(b, math.Float64frombits(le.Uint64(raw)), 64)
		}
	case "AT":
		return 4, func(b, raw []byte) ([]byte, bool) {
			t := number(le.Uint16(raw))<<16 | number(le.Uint16(raw[2:]))
			return append(b, []byte(`"`+strings.NewReplacer("(", "", ",", "", ")", "").Replace(t.String())+`"`)...), true
		}
	}
	return 0, nil
}
