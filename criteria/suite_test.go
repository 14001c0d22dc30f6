package criteria

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var suiteDrafts = map[string]string{
	"draft6":       "http://json-schema.org/draft-06/schema#",
	"draft7":       "http://json-schema.org/draft-07/schema#",
	"draft2019-09": "https://json-schema.org/draft/2019-09/schema",
	"draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}

// remoteCases are the only cases of the suite that are not run: they refer to
// http://localhost:1234, and nothing is fetched here. Each must be refused as a
// remote reference, which is checked.
const remoteHost = "localhost:1234"

type suiteCase struct {
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	Tests       []struct {
		Description string          `json:"description"`
		Data        json.RawMessage `json:"data"`
		Valid       bool            `json:"valid"`
	} `json:"tests"`
}

func TestJSONSchemaTestSuite(t *testing.T) {
	dir := filepath.Join(realDataDir(t), "json-schema-test-suite", "tests")
	var held, remote, all int
	var fast compiledPath
	for draft, uri := range suiteDrafts {
		files, err := filepath.Glob(filepath.Join(dir, draft, "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, files, draft)
		for _, file := range files {
			t.Run(draft+"/"+filepath.Base(file), func(t *testing.T) {
				raw, err := os.ReadFile(file)
				require.NoError(t, err)
				var cases []suiteCase
				require.NoError(t, json.Unmarshal(raw, &cases))
				for _, c := range cases {
					all += len(c.Tests)
					if t.Run(c.Description, func(t *testing.T) { remote += runSuiteCase(t, uri, c, &fast) }) {
						held += len(c.Tests)
					}
				}
			})
		}
	}
	t.Logf("%d of %d required tests hold; %d more refer to another host and are refused for it", held-remote, all-remote, remote)
	t.Logf(
		"%d of %d tests in which a record is valid are decided by the compiled path, which accepts no other; the evaluator decides the rest",
		fast.accepted,
		fast.valid,
	)
	require.Greater(t, 10*fast.accepted, 6*fast.valid)
}

// compiledPath is how many of the valid records the program accepts.
type compiledPath struct{ accepted, valid int }

// runSuiteCase returns how many tests were not run because the schema refers to a host.
func runSuiteCase(t *testing.T, draft string, c suiteCase, fast *compiledPath) (remote int) {
	// The drafts before 2019-09 do not name themselves in the suite.
	if bytes.HasPrefix(c.Schema, []byte("{")) && !bytes.Contains(c.Schema, []byte(`"$schema"`)) {
		c.Schema = append([]byte(`{"$schema":"`+draft+`",`), c.Schema[1:]...)
		c.Schema = bytes.Replace(c.Schema, []byte(`",}`), []byte(`"}`), 1)
	}
	s, err := compileSchema(inlineURI, c.Schema, nil, options{})
	if err != nil {
		require.ErrorIs(t, err, ErrRemote, "%s", c.Schema)
		require.Contains(t, string(c.Schema), remoteHost)
		return len(c.Tests)
	}
	matcher := s.accepter(options{})
	for _, test := range c.Tests {
		accepted := acceptsAsJudge(t, s, matcher, test.Data, test.Description)
		require.False(t, accepted && !test.Valid, "accepted: %s: %s", test.Description, test.Data)
		if test.Valid {
			fast.valid++
		}
		if accepted {
			fast.accepted++
		}
		found := evaluate(t, s, test.Data, len(test.Data))
		require.Equal(t, test.Valid, found.Total == 0, "%s: %s", test.Description, test.Data)
		sameAsOracle(t, s, newOracle(t, c.Schema, nil, inlineURI, options{}), test.Data, test.Description)
	}
	return 0
}
