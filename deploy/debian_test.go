package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const top = ".."

// TestDebianPackage builds the package of .goreleaser.yaml, installs it below a folder of its own,
// runs the program, and removes the package.
func TestDebianPackage(t *testing.T) {
	for _, name := range []string{"dpkg", "dpkg-deb", "systemd-sysusers"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("only root installs packages")
	}
	work := t.TempDir()
	program := filepath.Join(work, "pdx")
	run(t, top, "go", "build", "-ldflags", "-X github.com/medibloc/pdx/node.Version=1.2.3", "-o", program, "./cmd/pdx")
	for shell, file := range map[string]string{"bash": "pdx.bash", "zsh": "pdx.zsh", "fish": "pdx.fish"} {
		require.NoError(t, os.WriteFile(filepath.Join(work, file), []byte(run(t, top, program, "completion", shell)), 0o600))
	}
	deb := build(t, work, program)

	root := filepath.Join(work, "root")
	admin := filepath.Join(root, "var/lib/dpkg")
	for _, dir := range []string{filepath.Join(admin, "info"), filepath.Join(admin, "updates"), filepath.Join(root, "etc")} {
		require.NoError(t, os.MkdirAll(dir, 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(admin, "status"), nil, 0o600))
	dpkg := func(args ...string) string {
		all := []string{"--root=" + root, "--force-script-chrootless", "--log=" + filepath.Join(work, "log")}
		return run(t, work, "dpkg", append(all, args...)...)
	}
	dpkg("--install", deb)
	require.Contains(t, dpkg("--status", "pdx"), "Status: install ok installed")
	require.Contains(t, run(t, work, filepath.Join(root, "usr/bin/pdx"), "version"), "1.2.3")
	accounts, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	require.NoError(t, err)
	require.Contains(t, string(accounts), ":/var/lib/pdx:", "the account of the service")
	unit := filepath.Join(root, "usr/lib/systemd/system/pdx.service")
	require.FileExists(t, unit)
	require.FileExists(t, unit+".d/10-program.conf")
	require.FileExists(t, filepath.Join(root, "usr/share/doc/pdx/guides/seller.md"))

	// What an owner made stays, whatever happens to the package.
	key := filepath.Join(root, "var/lib/pdx/node/storage.key")
	require.NoError(t, os.MkdirAll(filepath.Dir(key), 0o700))
	require.NoError(t, os.WriteFile(key, []byte("key"), 0o600))
	dpkg("--install", deb) // an upgrade to itself
	dpkg("--remove", "pdx")
	require.NoFileExists(t, filepath.Join(root, "usr/bin/pdx"))
	require.NoFileExists(t, unit)
	require.Contains(t, dpkg("--purge", "pdx"), "is kept")
	require.FileExists(t, key)
}

// build makes the Debian package as goreleaser would, with program and the completions of folder work.
func build(t *testing.T, work, program string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, ".goreleaser.yaml"))
	require.NoError(t, err)
	var release struct {
		NFPMs []map[string]any `yaml:"nfpms"`
	}
	require.NoError(t, yaml.Unmarshal(text, &release))
	require.Len(t, release.NFPMs, 1)
	p := release.NFPMs[0]
	p["name"], p["arch"], p["platform"], p["version"] = p["package_name"], "amd64", "linux", "1.2.3"
	p["mtime"] = "2026-01-02T03:04:05Z"
	for _, ofGoreleaser := range []string{"package_name", "formats"} {
		delete(p, ofGoreleaser)
	}
	contents := p["contents"].([]any)
	for _, c := range contents {
		entry := c.(map[string]any)
		entry["src"] = strings.Replace(entry["src"].(string), "bin/package", work, 1)
	}
	p["contents"] = append(contents, map[string]any{"src": program, "dst": "/usr/bin/pdx"})
	out, err := yaml.Marshal(p)
	require.NoError(t, err)
	config := filepath.Join(work, "nfpm.yaml")
	require.NoError(t, os.WriteFile(config, out, 0o600))
	pack := func(name string) string {
		deb := filepath.Join(work, name)
		run(t, top, "go", "tool", "-modfile", "tools/nfpm/go.mod", "nfpm", "package", "--config", config, "--packager", "deb", "--target", deb)
		return deb
	}
	first, second := pack("pdx.deb"), pack("again.deb")
	a, err := os.ReadFile(first)
	require.NoError(t, err)
	b, err := os.ReadFile(second)
	require.NoError(t, err)
	require.Equal(t, a, b, "two packages of the same files differ")
	return first
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, out)
	return string(out)
}
