package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// side is one of the two commits.
type side struct {
	name, commit string
	dir          string // of its worktree
	out          string // the file of its results
}

// sealing are the folders that the sealing package has had, the newest first.
var sealing = []string{"exchange/seal", "transfer/seal"}

func (s *side) binary(name string) string { return filepath.Join(s.dir, "bin", "compare-"+name) }

// build makes the worktree and the two programs, and begins the file of results.
func (s *side) build(ctx context.Context) error {
	if _, err := output(ctx, "", nil, "git", "worktree", "add", "--detach", s.dir, s.commit); err != nil {
		return err
	}
	if _, err := output(ctx, s.dir, nil, "go", "build", "-o", s.binary("transfer"), "./integration/bench/transfer"); err != nil {
		return err
	}
	for _, folder := range sealing {
		if _, err := os.Stat(filepath.Join(s.dir, folder)); err == nil {
			if _, err := output(ctx, s.dir, nil, "go", "test", "-c", "-o", s.binary("seal"), "./"+folder); err != nil {
				return err
			}
			return os.WriteFile(s.out, nil, 0o644)
		}
	}
	return fmt.Errorf("the commit has none of the folders %s", strings.Join(sealing, ", "))
}

// remove takes the worktree away, if there is one.
func (s *side) remove(ctx context.Context) error {
	if _, err := os.Stat(s.dir); err != nil {
		return nil //nolint:nilerr // it was not made
	}
	_, err := output(ctx, "", nil, "git", "worktree", "remove", "--force", s.dir)
	return err
}

// measure runs everything once and appends the results.
func (s *side) measure(ctx context.Context, o settings) error {
	tables := filepath.Join(s.dir, "tables")
	if err := os.RemoveAll(tables); err != nil {
		return err
	}
	env := append(os.Environ(), "PDX_BENCH_JSON="+tables)
	if _, err := output(ctx, s.dir, env, s.binary("transfer"), "-rounds", "1", "-only", "pdx", "-size", o.size,
		"-many", strconv.Itoa(o.many), "-hostile", strconv.Itoa(o.hostile), "loopback", "many", "hostile"); err != nil {
		return err
	}
	lines, err := readTables(tables)
	if err != nil {
		return err
	}
	sealed, err := output(ctx, s.dir, nil, s.binary("seal"), "-test.run", "^$", "-test.bench", "^BenchmarkSeal$", "-test.benchtime", "5x")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(s.out, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(append(lines, benchLines(sealed)...))
	return err
}

// benchLines keeps the results of what go test wrote: the folder of the package,
// which differs between commits, would keep benchstat from comparing them.
func benchLines(raw []byte) (kept []byte) {
	for line := range bytes.Lines(raw) {
		if bytes.HasPrefix(line, []byte("Benchmark")) {
			kept = append(kept, line...)
		}
	}
	return kept
}

// output runs a command and returns what it wrote; what it complained of is in the error.
func output(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out, nil
}
