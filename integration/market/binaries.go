package market

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// programs are the two binaries, built once.
var programs struct {
	once   sync.Once
	folder string
	err    error
}

// Run runs a package's tests and removes what Open built; for TestMain.
func Run(m *testing.M) int {
	code := m.Run()
	if programs.folder != "" && programs.folder != given() {
		os.RemoveAll(programs.folder)
	}
	return code
}

// given returns a folder of programs that somebody built before.
func given() string { return os.Getenv("PDX_BIN") }

// binaries returns the folder of pdx and pdx-localnet.
func binaries(t testing.TB) string {
	t.Helper()
	programs.once.Do(func() {
		if programs.folder = given(); programs.folder == "" {
			programs.folder, programs.err = build()
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return programs.folder
}

func build() (string, error) {
	folder, err := os.MkdirTemp("", "pdx-integration-")
	if err != nil {
		return "", err
	}
	root, err := ModuleRoot()
	if err != nil {
		return folder, err
	}
	cmd := exec.Command("go", "build", "-o", folder, "./cmd/pdx", "./cmd/pdx-localnet")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return folder, fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return folder, nil
}

// ModuleRoot returns the folder of go.mod, above the folder in which a test runs.
func ModuleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("no go.mod above the test")
		}
		folder = filepath.Dir(folder)
	}
}
