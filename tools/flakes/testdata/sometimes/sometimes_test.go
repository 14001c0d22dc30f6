// Package sometimes has one test that passes in its first run only and one that
// always passes.
package sometimes

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

func TestOnlyTheFirstTime(t *testing.T) {
	name := os.Getenv("FLAKES_TEST_FILE")
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("this is not the first run")
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAlways(*testing.T) {}
