package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// cutMark ends a text that was cut.
const cutMark = "…"

// Escape returns s as one line in which every character can be seen: control, escape,
// formatting (bidirectional, zero-width) and invisible characters and invalid bytes
// are written as in Go's string literals, \x1b or \u202e, so that nothing can hide
// behind them. A line feed or tab becomes a space. A text of more than limit bytes
// is cut and ends with an ellipsis, which is within the limit.
func Escape(s string, limit int) string {
	var out strings.Builder
	whole := true
	escape(s, "", func(piece string) bool {
		if whole = out.Len()+len(piece) <= limit; whole {
			out.WriteString(piece)
		}
		return whole
	})
	if whole {
		return out.String()
	}
	return cutShort(out.String(), limit)
}

// cutShort makes place for the ellipsis.
func cutShort(s string, limit int) string {
	if limit < len(cutMark) {
		return ""
	}
	for len(s)+len(cutMark) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s + cutMark
}

// EscapeLines is Escape for text of several lines, of any length: line feeds and tabs
// stay.
func EscapeLines(s string) string {
	var out strings.Builder
	escape(s, "\n\t", func(piece string) bool {
		out.WriteString(piece)
		return true
	})
	return out.String()
}

// EscapeJSON returns JSON text that means the same as raw and has no character that
// Escape would replace, except white space between tokens: such characters in
// strings are written as \u escapes.
func EscapeJSON(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for _, r := range string(raw) {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || visible(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// escape hands s to write piece by piece until that returns false. Characters in keep
// stay as they are.
func escape(s, keep string, write func(piece string) bool) {
	marks := 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		piece := s[:size]
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else {
			marks++
		}
		switch {
		case r == utf8.RuneError && size == 1:
			piece = fmt.Sprintf(`\x%02x`, s[0])
		case r == utf8.RuneError || strings.ContainsRune(keep, r):
		case r == '\n' || r == '\t':
			piece = " "
		case marks > maxMarks || !visible(r):
			quoted := strconv.QuoteRuneToASCII(r)
			piece = quoted[1 : len(quoted)-1]
		}
		if !write(piece) {
			return
		}
		s = s[size:]
	}
}
