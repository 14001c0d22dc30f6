package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed ajv.cjs
var script []byte

// ajv is Ajv 8 in a process of its own; a nil one has the rate 0.
type ajv struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

// startAjv starts Node. modules is a folder with ajv and ajv-formats; empty: no Ajv.
func startAjv(ctx context.Context, modules, dir string) (*ajv, error) {
	if modules == "" {
		return nil, nil //nolint:nilnil // see ajv
	}
	file := filepath.Join(dir, "ajv.cjs")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		return nil, err
	}
	a := &ajv{cmd: exec.CommandContext(ctx, "node", file, modules)}
	a.cmd.Stderr = os.Stderr
	in, err := a.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	a.in, a.answers = in, bufio.NewScanner(out)
	return a, a.cmd.Start()
}

func (a *ajv) close() {
	if a != nil {
		_ = a.in.Close()
		_ = a.cmd.Wait()
	}
}

// rate is how many MB a second Ajv checks of a file of NDJSON.
func (a *ajv) rate(schema, branch, file string) (float64, error) {
	if a == nil {
		return 0, nil
	}
	ask, err := json.Marshal(map[string]any{"schema": schema, "branch": branch, "file": file, "megabytes": megabytes})
	if err != nil {
		return 0, err
	}
	if _, err := a.in.Write(append(ask, '\n')); err != nil {
		return 0, fmt.Errorf("ajv: %w", err)
	}
	if !a.answers.Scan() {
		return 0, errors.Join(errors.New("ajv ended"), a.answers.Err())
	}
	var r struct {
		Records, Valid int
		Rate           float64
	}
	if err := json.Unmarshal(a.answers.Bytes(), &r); err != nil {
		return 0, err
	}
	if r.Valid != r.Records {
		return 0, fmt.Errorf("ajv refuses %d records of %s", r.Records-r.Valid, file)
	}
	return r.Rate, nil
}
