package fs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

func open(t *testing.T, dir string) *fs.Store {
	t.Helper()
	s, err := fs.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newBackend(t *testing.T, o blob.Origin) blob.Backend {
	s, err := fs.Open(t.TempDir(), fs.WithOrigin(o))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestContract(t *testing.T) { blobtest.Run(t, newBackend) }

func TestReopened(t *testing.T) {
	blobtest.RunReopened(t, func(t *testing.T, folder string) blob.Backend {
		s, err := fs.Open(folder)
		require.NoError(t, err)
		return s
	})
}

func TestFallbacks(t *testing.T) { blobtest.RunFallbacks(t, newBackend) }
