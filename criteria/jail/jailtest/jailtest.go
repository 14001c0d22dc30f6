// Package jailtest builds the program that tests start as a child.
package jailtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/criteria/jail/jailtest/harm"
	"github.com/medibloc/pdx/internal/durable"
)

var (
	built   sync.Once
	program string
	failed  error
)

// Program is the path of the program, which is built once for the tests of a package. It
// stays where it is, for the next ones to replace it.
func Program(t testing.TB) string {
	t.Helper()
	built.Do(func() { program, failed = build(context.WithoutCancel(t.Context())) })
	require.NoError(t, failed)
	return program
}

func build(ctx context.Context) (string, error) {
	path := filepath.Join(os.TempDir(), "pdx-jail-child")
	fresh := fmt.Sprintf("%s-%d", path, os.Getpid())
	cmd := exec.CommandContext(ctx, "go", "build", "-race=false", "-o", fresh, "github.com/medibloc/pdx/criteria/jail/jailtest/child")
	if runtime.GOOS == "linux" {
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build a child: %w: %s", err, said)
	}
	return path, durable.Rename(fresh, path)
}

// New makes a Jail whose children are of that program; it is closed with the test.
func New(t testing.TB, limits jail.Limits) *jail.Jail {
	t.Helper()
	j, err := jail.New(jail.Config{Program: Program(t), Formats: harm.Formats(), Limits: limits})
	require.NoError(t, err)
	t.Cleanup(j.Close)
	return j
}
