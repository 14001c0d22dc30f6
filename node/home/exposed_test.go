package home_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

func TestExposedNamesFileAndCure(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	dir := filepath.Join(t.TempDir(), "home")
	require.NoError(t, os.Mkdir(dir, 0o700))
	key, pass := filepath.Join(dir, "storage.key"), filepath.Join(filepath.Dir(dir), "pass")
	for _, file := range []string{config.File(dir), key, pass} {
		require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	}
	require.Empty(t, append(home.Exposed(dir), home.ExposedPaths(pass)...))
	require.NoError(t, os.Chmod(dir, 0o777))
	require.NoError(t, os.Chmod(key, 0o640))
	require.NoError(t, os.Chmod(pass, 0o644))
	var cures []string
	for _, e := range append(home.Exposed(dir), home.ExposedPaths(pass, "")...) {
		cures = append(cures, e.Cure())
	}
	require.Len(t, cures, 3)
	require.Contains(t, cures[0], `chmod 700 "`+dir+`"`)
	require.Contains(t, cures[1], `chmod 600 "`+key+`"`)
	require.Contains(t, cures[2], `chmod 600 "`+pass+`"`)
}
