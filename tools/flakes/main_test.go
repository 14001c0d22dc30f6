package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func testOptions(t *testing.T) options {
	t.Helper()
	return options{runs: 4, out: t.TempDir(), timeout: time.Minute}
}

func TestFlakeIsFoundAndKept(t *testing.T) {
	t.Setenv("FLAKES_TEST_FILE", filepath.Join(t.TempDir(), "ran"))
	var out bytes.Buffer
	o := testOptions(t)
	err := run(t.Context(), &out, o, []string{"./testdata/sometimes"})
	require.ErrorContains(t, err, "3 runs failed")
	require.Contains(t, out.String(), "--- FAIL: TestOnlyTheFirstTime")
	require.True(t, strings.HasSuffix(out.String(), "\n1 passed, 3 failed\n"), out.String())

	kept, err := filepath.Glob(filepath.Join(o.out, "*", "run-*.txt"))
	require.NoError(t, err)
	var names []string
	for _, name := range kept {
		names = append(names, filepath.Base(name))
	}
	require.Equal(t, []string{"run-002-loaded.txt", "run-003-idle.txt", "run-004-loaded.txt"}, names)
}

func TestFilter(t *testing.T) {
	var out bytes.Buffer
	o := testOptions(t)
	o.filter = "^TestAlways$"
	require.NoError(t, run(t.Context(), &out, o, []string{"./testdata/sometimes"}))
	require.True(t, strings.HasSuffix(out.String(), "\n4 passed, 0 failed\n"), out.String())
}

func TestTestsThatDoNotCompileFail(t *testing.T) {
	var out bytes.Buffer
	err := run(t.Context(), &out, testOptions(t), []string{"./testdata/broken"})
	require.ErrorContains(t, err, "1 runs failed")
	require.Contains(t, out.String(), "broken_test.go")
}

func TestNothingToRun(t *testing.T) {
	var out bytes.Buffer
	require.Error(t, run(t.Context(), &out, testOptions(t), nil))
	require.ErrorContains(t, run(t.Context(), &out, testOptions(t), []string{"../../node/api/nodepb"}), "has tests")
}

func TestInterruptEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	require.Error(t, run(ctx, &out, testOptions(t), []string{"./testdata/sometimes"}))
}
