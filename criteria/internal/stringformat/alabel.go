package stringformat

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// aPrefix begins an A-label, in any case.
const aPrefix = "xn--"

// labels decodes A-labels and judges the result by UTS 46, which allows more than
// IDNA 2008.
var labels = idna.New(idna.ValidateLabels(true), idna.CheckHyphens(true), idna.CheckJoiners(true), idna.BidiRule(),
	idna.StrictDomainName(true))

// isALabel reports whether a label that begins with aPrefix is the A-label of a valid
// U-label (RFC 5891, section 4.2; RFC 5892).
func isALabel(s string) bool {
	s = strings.ToLower(s)
	u, err := labels.ToUnicode(s)
	if err != nil {
		return false
	}
	if again, err := labels.ToASCII(u); err != nil || again != s {
		return false
	}
	runes := []rune(u)
	for i, r := range runes {
		if !isPermitted(runes, i, r) {
			return false
		}
	}
	return true
}

// isPermitted reports whether IDNA 2008 allows a character of a label that UTS 46
// allows: those of words, and a few more, some of them only in a context.
func isPermitted(label []rune, i int, r rune) bool {
	at := func(j int) rune {
		if j < 0 || j >= len(label) {
			return 0
		}
		return label[j]
	}
	switch r {
	case '-', '\u06fd', '\u06fe', '\u0f0b', '\u3007', '\u200c', '\u200d': // the joiners' contexts are checked by idna
		return true
	case '\u0640', '\u07fa', '\u302e', '\u302f', '\u303b':
		return false
	case '\u00b7': // between two l, in Catalan
		return at(i-1) == 'l' && at(i+1) == 'l'
	case '\u0375':
		return unicode.Is(unicode.Greek, at(i+1))
	case '\u05f3', '\u05f4':
		return unicode.Is(unicode.Hebrew, at(i-1))
	case '\u30fb':
		return has(label, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) })
	}
	switch {
	case arabicIndic(r):
		return !has(label, extendedIndic)
	case extendedIndic(r):
		return !has(label, arabicIndic)
	case r >= '\u3031' && r <= '\u3035', oldJamo(r):
		return false
	}
	return unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lm, unicode.Mn, unicode.Mc, unicode.Nd)
}

func has(label []rune, is func(rune) bool) bool {
	for _, r := range label {
		if is(r) {
			return true
		}
	}
	return false
}

// arabicIndic and extendedIndic are two sets of digits that look alike.
func arabicIndic(r rune) bool   { return r >= '\u0660' && r <= '\u0669' }
func extendedIndic(r rune) bool { return r >= '\u06f0' && r <= '\u06f9' }

// oldJamo reports whether r is a letter of which Hangul syllables consist.
func oldJamo(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0xa960 && r <= 0xa97c || r >= 0xd7b0 && r <= 0xd7fb
}
