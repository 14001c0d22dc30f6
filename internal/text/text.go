// Package text makes foreign text fit to be shown.
//
// A stranger's text reaches a person from peers, from the chain and from files:
// titles, reasons, error messages, names. Shown as it is, it could move the
// cursor, colour the terminal, turn a line around or fill the screen.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow a character. No language of the
// Unicode standard needs more than three; more climb over the lines above.
const maxMarks = 3

// Clean returns s as one line of valid UTF-8, at most limit bytes long, without
// control, escape, formatting (bidirectional, zero-width) and invisible characters:
// each becomes a space. A longer text is cut between characters.
func Clean(s string, limit int) string {
	if len(s) > 2*limit { // do not walk through megabytes
		s = s[:2*limit]
	}
	marks := 0
	s = strings.Map(func(r rune) rune {
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return -1
		}
		if !visible(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// Prints reports whether s has no character that is hidden or moves what is around
// it: none of the Unicode categories Cc, Cf, Zl and Zp, no Hangul filler, and only
// valid UTF-8. Characters in except are allowed.
func Prints(s, except string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return (filler(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)) && !strings.ContainsRune(except, r)
	})
}

// visible reports whether a character leaves ink or is the ASCII space.
func visible(r rune) bool { return r != utf8.RuneError && !filler(r) && unicode.IsPrint(r) }

// filler reports whether r is a Hangul filler: a letter by category, and blank on
// the screen.
func filler(r rune) bool { return strings.ContainsRune("\u115f\u1160\u3164\uffa0", r) }
