package text

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{"", ""},
		{"Blutdruck, Erwachsene ♥ 혈압 👍🏽", "Blutdruck, Erwachsene ♥ 혈압 👍🏽"},
		{"a\x1b[31mred", `a\x1b[31mred`},
		{"one\r\ntwo\tthree", `one\r two three`},
		{"pay\u202egnp.exe\u2066", `pay\u202egnp.exe\u2066`},
		{"zero\u200bwidth\ufeff", `zero\u200bwidth\ufeff`},
		{"bad\xff\xfe utf", `bad\xff\xfe utf`},
		{"replaced \ufffd", "replaced \ufffd"},
		{"c1\u009b2J\x7f", `c1\u009b2J\x7f`},
		{"fill\u3164er", `fill\u3164er`},
		{"line\u2028 tag\U000e0041", `line\u2028 tag\U000e0041`},
		{"e\u0301\u0302\u0303\u0304", "e\u0301\u0302\u0303" + `\u0304`},
		{`c:\new`, `c:\new`},
	} {
		require.Equal(t, c.out, Escape(c.in, 100), "%q", c.in)
		require.Equal(t, c.out, Escape(c.out, 100), "what is escaped stays as it is: %q", c.in)
	}
	require.Equal(t, strings.Repeat("x", 40), Escape(strings.Repeat("x", 40), 40))
	require.Equal(t, strings.Repeat("x", 37)+"…", Escape(strings.Repeat("x", 41), 40))
	require.Equal(t, strings.Repeat("ä", 18)+"…", Escape(strings.Repeat("ä", 21), 40))
	require.Empty(t, Escape("much", 2))
	require.Equal(t, "a\n\tb"+`\r\x1b`+"\n", EscapeLines("a\n\tb\r\x1b\n"))
}

func TestEscapeJSON(t *testing.T) {
	value := map[string]string{"a\u202e": "\x1b[2J \u009b \x7f \u2066 \U000e0041 \u3164 혈압", "b": "plain"}
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	escaped := EscapeJSON(append(raw, '\n'))
	for _, r := range string(escaped) {
		require.True(t, r == '\n' || visible(r), "%q in %s", r, escaped)
	}
	var again map[string]string
	require.NoError(t, json.Unmarshal(escaped, &again))
	require.Equal(t, value, again)
}

// FuzzEscape holds what Escape promises against any bytes.
func FuzzEscape(f *testing.F) {
	f.Add("a\x1b[31mred", 20)
	f.Add("\u202e\xff", 3)
	f.Add("e\u0301\u0302\u0303\u0304\u0305", 30)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit &= 0xff
		out := Escape(s, limit)
		require.LessOrEqual(t, len(out), limit)
		for _, text := range []string{out, strings.NewReplacer("\n", "", "\t", "").Replace(EscapeLines(s))} {
			require.True(t, utf8.ValidString(text))
			for _, r := range text {
				require.True(t, unicode.IsPrint(r), "%q", r)
				require.False(t, unicode.Is(unicode.Bidi_Control, r), "%q", r)
			}
		}
		require.Equal(t, out, Escape(out, limit), "what is escaped stays as it is")
	})
}
