package home_test

import (
	"io"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
)

// TestStoresElsewhere keeps state and blobs outside of the home.
func TestStoresElsewhere(t *testing.T) {
	away := filepath.Join(t.TempDir(), "a b%")
	require.NoError(t, os.MkdirAll(away, 0o700))
	cfg := newConfig(t)
	cfg.State = (&url.URL{Scheme: "sqlite", Path: filepath.Join(away, "state.db")}).String()
	cfg.Blobs = (&url.URL{Scheme: "file", Path: filepath.Join(away, "blobs")}).String()
	_, err := home.Init(t.Context(), cfg, "correct horse", "")
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(away, "state.db"))
	require.NoFileExists(t, filepath.Join(cfg.Home, "node.db"))
	h, err := home.Open(t.Context(), cfg.Home, "correct horse")
	require.NoError(t, err)
	archive, err := os.Create(filepath.Join(away, "archive"))
	require.NoError(t, err)
	_, err = home.Backup(t.Context(), cfg, h, archive, home.Options{})
	require.NoError(t, err)
	require.NoError(t, h.Close())
	require.DirExists(t, filepath.Join(away, "blobs"))

	require.NoError(t, os.Remove(filepath.Join(away, "state.db")))
	_, err = home.Open(t.Context(), cfg.Home, "correct horse")
	require.ErrorIs(t, err, pdx.ErrCorrupt, "a database that is gone is not made anew")

	_, err = archive.Seek(0, io.SeekStart)
	require.NoError(t, err)
	restored := filepath.Join(t.TempDir(), "restored")
	_, _, err = home.Restore(t.Context(), archive, restored, nil)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	h, err = home.Open(t.Context(), restored, "correct horse")
	require.NoError(t, err, "the restored home has its own database")
	require.NoError(t, h.Close())
}
