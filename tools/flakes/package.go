package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// A testPackage is a package that has tests.
type testPackage struct{ path, dir string }

// list returns the packages that the patterns name and that have tests.
func list(ctx context.Context, patterns []string) ([]testPackage, error) {
	const form = "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}\t{{.Dir}}{{end}}"
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-f", form, "--"}, patterns...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var packages []testPackage
	for line := range strings.Lines(string(out)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		packages = append(packages, testPackage{path, dir})
	}
	return packages, nil
}

// hunt compiles the tests of p and runs them o.runs times, every second time
// under load. Tests that do not compile count as one failed run.
func hunt(ctx context.Context, w io.Writer, o options, p testPackage) (passed, failed int) {
	if ctx.Err() != nil {
		return 0, 0
	}
	folder := filepath.Join(o.out, strings.ReplaceAll(p.path, "/", "_"))
	binary, err := compile(ctx, o, p, folder)
	if ctx.Err() != nil {
		return 0, 0
	}
	if err != nil {
		fmt.Fprintf(w, "%s: compile: %v\n", p.path, err)
		return 0, 1
	}
	defer os.Remove(binary)
	began := time.Now()
	for i := 1; i <= o.runs && ctx.Err() == nil; i++ {
		loaded := i%2 == 0
		output, err := once(ctx, o, p, binary, loaded)
		switch {
		case err == nil:
			passed++
		case ctx.Err() == nil: // an interrupted run says nothing about the tests
			failed++
			report(w, p, keep(folder, i, loaded, output), output, err)
		}
	}
	fmt.Fprintf(w, "%s: %d passed, %d failed (%s)\n", p.path, passed, failed, time.Since(began).Round(time.Second))
	return passed, failed
}

// compile empties the package's folder of earlier failures and builds the test
// binary in it.
func compile(ctx context.Context, o options, p testPackage, folder string) (string, error) {
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	binary, err := filepath.Abs(filepath.Join(folder, "package.test"))
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-c", fmt.Sprintf("-race=%t", o.race), "-o", binary, p.path)
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return binary, nil
}

// once runs the tests in the package's folder, as `go test` does. The tests and
// the processes that they start are one process group, which ends with ctx.
func once(ctx context.Context, o options, p testPackage, binary string, loaded bool) ([]byte, error) {
	if loaded {
		defer burn()()
	}
	cmd := exec.CommandContext(ctx, binary, "-test.paniconexit0", "-test.timeout="+o.timeout.String(), "-test.run="+o.filter)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	return output.Bytes(), err
}

// keep writes the output of a failed run to a file and returns its name.
func keep(folder string, run int, loaded bool, output []byte) string {
	load := "idle"
	if loaded {
		load = "loaded"
	}
	name := filepath.Join(folder, fmt.Sprintf("run-%03d-%s.txt", run, load))
	if err := os.WriteFile(name, output, 0o644); err != nil {
		return fmt.Sprintf("%s (not kept: %v)", name, err)
	}
	return name
}

// telling matches the lines of a test's output that name a failure.
var telling = regexp.MustCompile(`^\s*--- FAIL|^panic:|^fatal error:|^WARNING: DATA RACE`)

func report(w io.Writer, p testPackage, name string, output []byte, err error) {
	fmt.Fprintf(w, "%s: %v: see %s\n", p.path, err, name)
	for line := range strings.Lines(string(output)) {
		if telling.MatchString(line) {
			fmt.Fprintf(w, "    %s\n", strings.TrimRight(line, "\n"))
		}
	}
}
