package pattern

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var automataExpressions = []string{
	``, `^$`, `$`, `a`, `^a`, `a$`, `^true|false$`, `^\S*$`, `^[^\s]+(\s[^\s]+)*$`, `^[ \r\n\t\S]+$`, `^[A-Za-z0-9\-\.]{1,64}$`,
	`(?i)^k+é$`, `^.{2,3}$`, `(?s)^.$`, `[^a]`, `^[^é]*$`, `a|^b|c$`, `^(a|ab)(c|bcd)(d*)$`,
	`x*`, `(a+)+$`, `^(\s*([0-9a-zA-Z\+=]){4}\s*)+$`,
	`^([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1]))?)?$`,
	`a$b`, `a^b`, `^^a$$`, `[\x00-\x1f]`,
}

// An automaton and regexp have the same answers.
func TestAutomata(t *testing.T) {
	made := 0
	for _, expr := range automataExpressions {
		if sameAsRegexp(t, expr, NewBudget()) {
			made++
		}
	}
	require.Equal(t, len(automataExpressions), made)
	for _, expr := range []string{`\ba`, `(?m)^a`} {
		require.Nil(t, NewAutomaton(expr, NewBudget()), expr)
	}
	require.Nil(t, NewAutomaton(`^(a|b)*a(a|b){20}$`, NewBudget()), "2^20 states")
	require.Nil(t, NewAutomaton(`\pL`, NewBudget()), "hundreds of classes")
	require.Nil(t, NewAutomaton(`a`, &Budget{}))
}

func sameAsRegexp(t *testing.T, expr string, budget *Budget) bool {
	t.Helper()
	a, want := NewAutomaton(expr, budget), regexp.MustCompile(expr)
	if a == nil {
		return false
	}
	characters := rapid.SampledFrom([]string{
		"a", "b", "c", "d", "A", "k", "K", "\u212a", "é", "É", "\n", "\t",
		"\v", " ", "0", "1", "9", "-", ".", "\x00", "\U0001F600", "=", "\u0130",
	})
	rapid.Check(t, func(t *rapid.T) {
		text, clean := "", true
		for _, c := range rapid.SliceOfN(characters, 0, 8).Draw(t, "text") {
			text, clean = text+c, clean && c[0] >= ' '
		}
		if a.Match([]byte(text), clean) != want.MatchString(text) {
			t.Fatalf("%s on %q", expr, text)
		}
	})
	return true
}

// FuzzAutomaton compares an automaton of any expression with regexp.
func FuzzAutomaton(f *testing.F) {
	for _, expr := range automataExpressions {
		f.Add(expr, "a", "2020-01-01 \u00e9")
	}
	f.Fuzz(func(t *testing.T, expr, one, other string) {
		want, _, err := Compile(expr)
		if err != nil {
			t.Skip("not an expression")
		}
		a := NewAutomaton(want.String(), &Budget{Work: 100_000, Entries: 100_000})
		if a == nil {
			t.Skip("left to regexp")
		}
		for _, text := range []string{one, other, one + other, ""} {
			text := string([]rune(text)) // UTF-8
			clean := true
			for _, r := range text {
				clean = clean && r >= ' '
			}
			require.Equal(t, want.MatchString(text), a.Match([]byte(text), clean), "%s on %q", expr, text)
		}
	})
}
