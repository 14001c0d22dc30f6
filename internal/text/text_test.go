package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{"", ""},
		{"Blutdruck, Erwachsene ♥", "Blutdruck, Erwachsene ♥"},
		{"혈압 데이터", "혈압 데이터"},
		{"a\x1b[31mred\x1b[0m", "a [31mred [0m"},
		{"one\r\ntwo\tthree", "one  two three"},
		{"pay\u202egnp.exe", "pay gnp.exe"},
		{"zero\u200bwidth\ufeff", "zero width "},
		{"bad\xff\xfeutf", "bad  utf"},
		{"c1\u009b2J", "c1 2J"},
		{"fill\u3164er", "fill er"},
		{"e\u0301\u0302\u0303\u0304\u0305", "e\u0301\u0302\u0303"},
		{strings.Repeat("x", 41), strings.Repeat("x", 40)},
		{strings.Repeat("ä", 21), strings.Repeat("ä", 20)},
		{strings.Repeat("y", 1<<20), strings.Repeat("y", 40)},
	} {
		require.Equal(t, c.out, Clean(c.in, 40), "%q", c.in)
	}
	require.Equal(t, "mu", Clean("much", 2))
	require.Equal(t, "ä", Clean("ää", 3))
	require.Empty(t, Clean("much", 0))
}

// FuzzClean holds what Clean promises against any bytes.
func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mred", 20)
	f.Add("\u202e\xff", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit &= 0xff
		out := Clean(s, limit)
		require.LessOrEqual(t, len(out), limit)
		require.True(t, utf8.ValidString(out))
		for _, r := range out {
			require.True(t, unicode.IsPrint(r), "%q", r)
			require.False(t, unicode.Is(unicode.Bidi_Control, r), "%q", r)
		}
		require.Equal(t, out, Clean(out, limit), "what is clean stays as it is")
	})
}

func TestPrints(t *testing.T) {
	for _, s := range []string{"", "Blutdruck ♥", "혈압", "a b\u00a0c", "e\u0301", "👍🏽"} {
		require.True(t, Prints(s, ""), "%q", s)
	}
	for _, s := range []string{
		"\x1b[8m", "a\r", "a\n", "\x7f", "\u009b", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u3164", "\xff", "\u00ad", "\U000e0041",
	} {
		require.False(t, Prints(s, ""), "%q", s)
	}
	require.True(t, Prints("a\nb", "\n"))
}
