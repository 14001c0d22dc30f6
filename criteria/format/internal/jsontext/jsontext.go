// Package jsontext writes the JSON text of records that a format makes itself, in one
// spelling: sizes of records depend on it.
package jsontext

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
)

const hex = "0123456789abcdef"

// AppendString appends a string, which must be UTF-8. Only quotation mark, backslash and
// control characters are escaped, as RFC 8785 has it.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= ' ':
			b = append(b, c)
		default:
			b = appendControl(b, c)
		}
	}
	return append(b, '"')
}

func appendControl(b []byte, c byte) []byte {
	if i := bytes.IndexByte([]byte("\b\t\n\f\r"), c); i >= 0 {
		return append(b, '\\', "btnfr"[i])
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// AppendFloat appends the shortest decimal that is this number of 32 or 64 bits, as
// ECMAScript writes it; ok is false for what is not finite.
func AppendFloat(b []byte, f float64, bits int) (text []byte, ok bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return b, false
	}
	form := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		form = 'e'
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, form, -1, bits)
	if form == 'e' { // e-09 is e-9
		if n := len(b); n-start >= 4 && b[n-4] == 'e' && b[n-2] == '0' {
			b = append(b[:n-2], b[n-1])
		}
	}
	return b, true
}

// AppendDecimal appends unscaled × 10^-scale with exactly scale digits behind the point.
func AppendDecimal(b []byte, unscaled *big.Int, scale int) []byte {
	digits := unscaled.Text(10)
	if unscaled.Sign() < 0 {
		b, digits = append(b, '-'), digits[1:]
	}
	if scale <= 0 {
		return append(b, digits...)
	}
	for range scale + 1 - len(digits) {
		digits = "0" + digits
	}
	b = append(b, digits[:len(digits)-scale]...)
	b = append(b, '.')
	return append(b, digits[len(digits)-scale:]...)
}
