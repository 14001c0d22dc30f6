package message_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/message"
)

func parse(t *testing.T, lang, file string) *message.Catalog {
	t.Helper()
	c, err := message.Parse(lang, []byte(file))
	require.NoError(t, err)
	return c
}

func TestText(t *testing.T) {
	c := parse(t, "en", "a: {b: '{name} has {sum}: {name}'}\nweb: 'api: {web: \"x\"}'\n")
	require.Equal(t, "Kim has 3: Kim", c.Text("a.b", "name", "Kim", "sum", 3))
	require.Equal(t, `api: {web: "x"}`, c.Text("web"))
	require.Equal(t, "Kim has {sum}: Kim", c.Text("a.b", "name", "Kim"), "what is missing is seen")
	require.Equal(t, "no.such", c.Text("no.such", "name", "Kim"))
}

func TestArgumentsAreEscaped(t *testing.T) {
	c := parse(t, "en", "reason: 'rejected: {reason}'")
	require.Equal(t, `rejected: a\x1b[2J\u202eb{reason} c`, c.Text("reason", "reason", "a\x1b[2J\u202eb{reason}\nc"))
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	english := parse(t, "en", "n: {one: '{n} record', other: '{n} records'}")
	for n, want := range map[uint64]string{0: "0 records", 1: "1 record", 2: "2 records", 21: "21 records", 10_000_001: "10000001 records"} {
		require.Equal(t, want, english.Text("n", "n", n))
	}
	polish := parse(t, "pl", "n: {one: '{n} rekord', few: '{n} rekordy', many: '{n} rekordów', other: '{n} rekordu'}")
	for n, want := range map[int]string{
		1: "1 rekord", 3: "3 rekordy", 5: "5 rekordów", 12: "12 rekordów", 22: "22 rekordy",
		10_000_002: "10000002 rekordy",
	} {
		require.Equal(t, want, polish.Text("n", "n", n))
	}
	require.Equal(t, "many", parse(t, "en", "n: {one: one, other: many}").Text("n", "n", "not a number"))
}

func TestBadCatalogues(t *testing.T) {
	for _, file := range []string{"a: 1", "a: [b]", "a", "a: {b: true}", "a: ~"} {
		_, err := message.Parse("en", []byte(file))
		require.Error(t, err, file)
	}
	_, err := message.Parse("no language", nil)
	require.Error(t, err)
}

func TestLanguages(t *testing.T) {
	require.Equal(t, "en", message.Languages()[0])
	for _, wanted := range [][]string{nil, {""}, {"C"}, {"POSIX"}, {"de_DE.UTF-8"}, {"en_GB"}, {"ko-KR,ko;q=0.9,en;q=0.8"}, {"\xff\x00"}} {
		c := message.For(wanted...)
		require.Equal(t, "en", c.Lang(), "%q", wanted)
		require.True(t, c.Has("deal.none"))
	}
	require.Nil(t, message.Source("../message/en"))
}

func TestFormsAreJSON(t *testing.T) {
	c := parse(t, "en", "page: {a: A, n: {one: x, other: y}}\nother: {b: B}")
	raw, err := json.Marshal(c.Forms("page."))
	require.NoError(t, err)
	require.JSONEq(t, `{"page.a": {"other": "A"}, "page.n": {"one": "x", "other": "y"}}`, string(raw))
}

// FuzzFor reads languages out of any header.
func FuzzFor(f *testing.F) {
	f.Add("de;q=0.5, ko_KR.UTF-8")
	f.Fuzz(func(t *testing.T, header string) {
		require.Equal(t, "en", message.For(header).Lang())
	})
}
