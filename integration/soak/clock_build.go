//go:build linux

package soak

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/market"
)

//go:embed clock_step.go.txt
var clockStep []byte

// clockEnv names the file from which a program of buildStepped reads by how many seconds
// its clock is wrong.
const clockEnv = "PDX_SOAK_CLOCK"

// buildStepped builds pdx with a time.Now that the soak can set, by an overlay of the
// standard library, and pdx-localnet as it is. The product has no hook for it. What an
// earlier soak built and is still up to date stays.
func buildStepped(t testing.TB) (folder string) {
	t.Helper()
	root, err := market.ModuleRoot()
	require.NoError(t, err)
	folder = filepath.Join(root, "bin", "soak")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	build(t, root, "-o", folder, "./cmd/pdx-localnet")
	build(t, root, "-overlay", clockOverlay(t, t.TempDir()), "-o", folder, "./cmd/pdx")
	return folder
}

// clockOverlay writes the changed files into a folder and returns the file that lists them.
func clockOverlay(t testing.TB, folder string) string {
	t.Helper()
	goroot, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	library := filepath.Join(strings.TrimSpace(string(goroot)), "src", "time")
	original, err := os.ReadFile(filepath.Join(library, "time.go"))
	require.NoError(t, err)
	now := []byte("func Now() Time {\n\tsec, nsec, mono := runtimeNow()")
	require.Equal(t, 1, bytes.Count(original, now), "this version of Go has another time.Now")
	changed := bytes.Replace(original, now, []byte("func Now() Time {\n\tsec, nsec, mono := steppedNow()"), 1)
	replace := map[string]string{}
	for name, content := range map[string][]byte{"time.go": changed, "clock_step.go": clockStep} {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		replace[filepath.Join(library, name)] = path
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	path := filepath.Join(folder, "overlay.json")
	require.NoError(t, os.WriteFile(path, list, 0o600))
	return path
}

func build(t testing.TB, root string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"build"}, args...)...)
	command.Dir = root
	out, err := command.CombinedOutput()
	require.NoError(t, err, fmt.Sprintf("go build %s: %s", strings.Join(args, " "), out))
}
