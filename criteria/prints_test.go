package criteria

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a seller is asked to agree to must be seen: no name or text may move the
// cursor or hide another.
func TestTextsThatDoNotPrintAreRefused(t *testing.T) {
	document := func(version int, change func(d *Document)) []byte {
		d := &Document{
			Version: version, Title: "t", Description: "d", MediaType: NDJSON, Schema: json.RawMessage("{}"),
			Fields: []Field{{Pointer: "/a", Purpose: "p"}},
		}
		change(d)
		raw, err := json.Marshal(d)
		require.NoError(t, err)
		return raw
	}
	for _, bad := range []string{
		"/|\r\x1b[2Kdiscloses     /birthYear\x1b[8m", "/a\u202e", "/a\u200b", "/\u009b2J", "/\ufeff", "/\u3164", "/a\u2028",
	} {
		for name, change := range map[string]func(d *Document){
			"title":            func(d *Document) { d.Title = bad },
			"description":      func(d *Document) { d.Description = bad },
			"fields/0/pointer": func(d *Document) { d.Fields[0].Pointer = bad },
			"fields/0/purpose": func(d *Document) { d.Fields[0].Purpose = bad },
		} {
			_, err := Parse(document(2, change))
			require.ErrorIs(t, err, ErrDocument, "%s %q", name, bad)
			require.ErrorContains(t, err, name)
			old, err := Parse(document(1, change))
			require.NoError(t, err, "pools of version 1 keep their rules")
			_, err = NewChecker(old, nil)
			require.NoError(t, err)
			_, err = NewChecker(old, nil, ForNewPool())
			require.ErrorContains(t, err, name)
		}
	}
	_, err := Parse(document(2, func(d *Document) {
		d.Title, d.Description, d.Fields[0].Purpose = "혈압, Erwachsene ♥", "two\nlines\tand more", "می\u200cخواهم"
	}))
	require.NoError(t, err)
}
