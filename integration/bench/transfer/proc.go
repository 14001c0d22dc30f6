package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// roleWord as first argument makes this program an end of a transfer.
const roleWord = "role"

// proc is a process at one end. It writes a JSON value when it is ready and
// another, its report, when it is done: a puller by itself, a server when its
// standard input ends.
type proc struct {
	cmd *exec.Cmd
	in  io.Closer
	out *json.Decoder
}

// launch starts a program and waits until it is ready.
func launch(ctx context.Context, at site, ready any, program string, args ...string) (*proc, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	endWithParent(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := at.start(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	p := &proc{cmd: cmd, in: in, out: json.NewDecoder(out)}
	if err := p.out.Decode(ready); err != nil {
		p.kill()
		return nil, fmt.Errorf("start %s %v: it is not ready: %w", program, args, err)
	}
	return p, nil
}

// launchRole starts this program in a role.
func launchRole(ctx context.Context, at site, ready any, name string, config any) (*proc, error) {
	command, err := roleCommand(name, config)
	if err != nil {
		return nil, err
	}
	return launch(ctx, at, ready, command[0], command[1:]...)
}

// launchBelow starts this program in a role that gets the processors when nobody
// else wants them, as if it ran on machines of its own.
func launchBelow(ctx context.Context, at site, ready any, name string, config any) (*proc, error) {
	command, err := roleCommand(name, config)
	if err != nil {
		return nil, err
	}
	return launch(ctx, at, ready, "nice", append([]string{"-n", "19"}, command...)...)
}

func roleCommand(name string, config any) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return []string{self, roleWord, name, string(text)}, nil
}

// report waits for the process's report and its end.
func (p *proc) report(into any) error {
	if err := p.out.Decode(into); err != nil {
		p.kill()
		return fmt.Errorf("read report: %w", err)
	}
	_ = p.in.Close()
	return p.cmd.Wait()
}

// stop ends a server and reads its report.
func (p *proc) stop(into any) error {
	_ = p.in.Close()
	return p.report(into)
}

func (p *proc) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}
