package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

func TestAForeignKeyIsNamed(t *testing.T) {
	db := newDB(t)
	_, err := store.OpenSecrets(t.Context(), db, newKey(t))
	require.NoError(t, err)
	_, err = store.OpenSecrets(t.Context(), db, newKey(t))
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.ErrorContains(t, err, "key file")
}

func TestSecretsAreBoundToTheirNames(t *testing.T) {
	db := newDB(t)
	secrets, err := store.OpenSecrets(t.Context(), db, newKey(t))
	require.NoError(t, err)
	require.NoError(t, secrets.Put(t.Context(), "a", []byte("one")))
	require.NoError(t, secrets.Put(t.Context(), "b", []byte("two")))
	sqlite.SwapSecrets(t, db, "a", "b")
	_, err = secrets.Get(t.Context(), "a")
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	sqlite.SwapSecrets(t, db, "a", "b")
	got, err := secrets.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "one", string(got))
}

func TestSecretsLieSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	db, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	secrets, err := store.OpenSecrets(t.Context(), db, newKey(t))
	require.NoError(t, err)
	plain := []byte("a secret that would be seen")
	require.NoError(t, secrets.Put(t.Context(), "a", plain))
	require.NoError(t, db.Close())
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(raw), string(plain))
}
