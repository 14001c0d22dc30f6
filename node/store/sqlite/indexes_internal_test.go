package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
)

// TestQueriesUseIndexes asks SQLite how it would answer: by a search of the index and
// of each row by its key, with no scan and no sorting.
func TestQueriesUseIndexes(t *testing.T) {
	b, err := OpenBackend(t.Context(), filepath.Join(t.TempDir(), "node.db"), store.Schema{"pools": {"Key"}})
	require.NoError(t, err)
	defer b.Close()
	for name, q := range map[string]store.Query{
		"field": {Table: "pools", Field: "Key", From: "a", To: "b"},
		"page":  {Table: "pools", Field: "Key", From: "a", After: "k", Limit: 10},
		"keys":  {Table: "pools", From: "a", To: "b"},
		"down":  {Table: "pools", Field: "Key", From: "k", After: "k", Limit: 10, Reverse: true},
		"first": {Table: "pools", Field: "Key", Limit: 10},
		"last":  {Table: "pools", Field: "Key", Limit: 10, Reverse: true},
	} {
		t.Run(name, func(t *testing.T) {
			query, args := selectRows(q)
			rows, err := b.pool.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
			require.NoError(t, err)
			defer rows.Close()
			steps := 0
			for ; rows.Next(); steps++ {
				var id, parent, unused int
				var detail string
				require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
				require.Regexp(t, "^SEARCH .* USING PRIMARY KEY", detail)
			}
			require.NoError(t, rows.Err())
			require.Positive(t, steps)
		})
	}
}
