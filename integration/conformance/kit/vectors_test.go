package kit_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/conformance/kit"
)

const root = "../../.."

// TestMain is also the program that answers, when a test starts it as such.
func TestMain(m *testing.M) {
	if os.Getenv("PDX_ANSWERS") == "" {
		os.Exit(m.Run())
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var q kit.Question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		fmt.Println(`{"valid": true}`)
	}
}

// truth returns what answers from the files.
func truth(t *testing.T) kit.Ask {
	t.Helper()
	known := map[string][]map[string]any{}
	for _, folder := range []string{"proof", "seal", "attest"} {
		folder = filepath.Join(root, "exchange", folder, "testdata")
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		for _, e := range entries {
			raw, err := os.ReadFile(filepath.Join(folder, e.Name()))
			require.NoError(t, err)
			if raw[0] == '{' {
				raw = []byte("[" + string(raw) + "]")
			}
			var list []map[string]any
			require.NoError(t, json.Unmarshal(raw, &list))
			known[strings.TrimSuffix(e.Name(), ".json")] = list
		}
	}
	return func(q kit.Question) (map[string]any, error) { return maps.Clone(known[q.Kind][q.Number]), nil }
}

func failed(t *testing.T, ask kit.Ask) (ids []string) {
	t.Helper()
	results, err := kit.RunVectors(root, ask)
	require.NoError(t, err)
	require.Len(t, results, 10)
	for _, r := range results {
		if r.Outcome == kit.Failed {
			require.NotEmpty(t, r.Reason)
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func TestKnownAnswers(t *testing.T) {
	truth := truth(t)
	require.Empty(t, failed(t, truth))
	require.Equal(t, []string{"vectors/facts"}, failed(t, func(q kit.Question) (map[string]any, error) {
		got, err := truth(q)
		if q.Kind == "facts" {
			got["terms_hash"] = got["fields_hash"]
		}
		return got, err
	}))
	_, err := kit.RunVectors(t.TempDir(), truth)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestQuestionsTellNothing: what is asked for is not in the question.
func TestQuestionsTellNothing(t *testing.T) {
	_, err := kit.RunVectors(root, func(q kit.Question) (map[string]any, error) {
		require.NotContains(t, q.Vector, "valid")
		require.NotContains(t, q.Vector, "name")
		require.NotContains(t, q.Vector, "facts_hash")
		require.NotContains(t, q.Vector, "plaintext_commitment")
		return nil, nil
	})
	require.NoError(t, err)
}

// TestAProgramThatSaysYes is caught wherever there is something invalid or to compute.
func TestAProgramThatSaysYes(t *testing.T) {
	t.Setenv("PDX_ANSWERS", "yes")
	ask, stop, err := kit.Program(t.Context(), os.Args[0])
	require.NoError(t, err)
	require.Len(t, failed(t, ask), 10)
	require.NoError(t, stop())

	ask, stop, err = kit.Program(t.Context(), os.Args[0], "-test.run", "nothing")
	require.NoError(t, err)
	require.NoError(t, stop())
	_, err = ask(kit.Question{})
	require.Error(t, err)
	_, _, err = kit.Program(t.Context(), filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
