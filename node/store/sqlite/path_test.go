package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

// TestHostilePaths keeps what it is given in exactly the file that was named: its
// path becomes part of a URI.
func TestHostilePaths(t *testing.T) {
	for _, name := range []string{
		"a[b", "[2024]", "a*b", "what?mode=memory", `back\slash`, "with space", "new\nline", "-rf",
		"per%63ent", "a#b", "a&b=c", "데이터",
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			require.NoError(t, os.MkdirAll(dir, 0o700))
			path := filepath.Join(dir, "node.db")
			for _, want := range []string{"", "kept"} {
				db, err := sqlite.Open(t.Context(), path, nil)
				require.NoError(t, err)
				table := store.NewTable[string](db, "t")
				has, _ := table.Get(t.Context(), "k")
				require.Equal(t, want, has)
				require.NoError(t, table.Put(t.Context(), "k", "kept"))
				require.NoError(t, db.Close())
			}
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.NotZero(t, info.Size())
		})
	}
}
