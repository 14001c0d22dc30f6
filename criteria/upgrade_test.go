package criteria

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUpgrade(t *testing.T) {
	const rest = `"title": "t",  "media_type": "application/json", "schema": { "a" : 1.50 }, ` +
		`"fields": [ {"pointer": "", "purpose": "\u0061"} ]`
	both := []string{"version is 2 instead of 1", "record_bytes.max is 1048576, where there was none"}
	for name, c := range map[string]struct {
		raw, want string
		changes   []string
	}{
		"old": {
			`{"version": 1, ` + rest + "}\n",
			`{"version": 2, ` + rest + `, "record_bytes": {"max": 1048576}` + "}\n", both,
		},
		"indented": {
			"{\n  \"version\": 1,\n  " + rest + "\n}\n",
			"{\n  \"version\": 2,\n  " + rest + ",\n  \"record_bytes\": {\"max\": 1048576}\n}\n", both,
		},
		"bounds in front": {
			`{"record_bytes": {}, "version": 1, ` + rest + `}`,
			`{"record_bytes": {"max": 1048576}, "version": 2, ` + rest + `}`, both,
		},
		"a minimum": {
			`{"version": 1, "record_bytes": {"min":10 }, ` + rest + `}`,
			`{"version": 2, "record_bytes": {"min":10, "max": 1048576 }, ` + rest + `}`, both,
		},
		"a maximum of 0": {
			`{"version":1,"record_bytes":{"max":0},` + rest + `}`,
			`{"version":2,"record_bytes":{"max":1048576},` + rest + `}`, both,
		},
		"a great minimum": {
			`{"version":1,"record_bytes":{"min":1048577},` + rest + `}`,
			`{"version":2,"record_bytes":{"min":1048577, "max": 16777216},` + rest + `}`,
			[]string{both[0], "record_bytes.max is 16777216, where there was none"},
		},
		"its own maximum": {
			`{"version":1,"record_bytes":{"max":16777216},` + rest + `}`,
			`{"version":2,"record_bytes":{"max":16777216},` + rest + `}`, both[:1],
		},
		"new, no maximum": {`{"version":2,` + rest + `}`, `{"version":2,` + rest + `, "record_bytes": {"max": 1048576}}`, both[1:]},
		"newest":          {`{"version":3,"record_bytes":{"max":5},` + rest + `}`, `{"version":3,"record_bytes":{"max":5},` + rest + `}`, nil},
		"as it should be": {`{"version":2,"record_bytes":{"max":5},` + rest + `}`, `{"version":2,"record_bytes":{"max":5},` + rest + `}`, nil},
		"an escaped name": {
			`{"\u0076ersion":1,"record_bytes":{"max":5},` + rest + `}`,
			`{"\u0076ersion":2,"record_bytes":{"max":5},` + rest + `}`, both[:1],
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, changes, err := Upgrade([]byte(c.raw))
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
			require.Equal(t, c.changes, changes)
			again, changes, err := Upgrade(got)
			require.NoError(t, err)
			require.Equal(t, got, again)
			require.Empty(t, changes)
		})
	}
	_, _, err := Upgrade([]byte(`{"version": 1}`))
	require.ErrorIs(t, err, ErrDocument)
}

// An upgraded document differs in version and record_bytes.max alone.
func TestUpgradeKeepsTheRest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bounds := rapid.SampledFrom([]string{"", `{}`, `{"min":3}`, `{"max":0}`, `{"min":1,"max":90}`})
		raw := exampleWith(t, "record_bytes", bounds.Draw(rt, "bounds"))
		before, err := Parse(raw)
		require.NoError(t, err)
		upgraded, _, err := Upgrade(raw)
		require.NoError(t, err)
		after, err := Parse(upgraded)
		require.NoError(t, err)
		require.Equal(t, poolVersion, after.Version)
		require.NotZero(t, after.RecordBytes.Max)
		after.Version, after.RecordBytes.Max, after.id, after.raw = before.Version, before.RecordBytes.Max, before.id, before.raw
		require.Equal(t, before, after)
	})
}
