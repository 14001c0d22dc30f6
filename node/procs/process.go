package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/medibloc/pdx"
)

const (
	// stopPatience is how long a process may take to stop by itself.
	stopPatience = 15 * time.Second
	// logTail is how much of a log is shown when a process fails, in bytes.
	logTail = 2 << 10
)

// process is a running program whose output goes to a file.
type process struct {
	name string
	log  string
	cmd  *exec.Cmd
	done chan struct{} // closed when it ended
	err  error         // how, once done is closed
}

// launch starts a program by start; its output is appended to log.
func launch(name, log string, start func(*exec.Cmd) error, binary string, args ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()                        // the child has its own
	command := exec.Command(binary, args...) //nolint:noctx // it outlives the call that starts it; stop and kill end it
	p := &process{name: name, log: log, cmd: command, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = attributes()
	if err := start(p.cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// running reports whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop asks the process to end and waits; one that does not is killed.
func (p *process) stop() error {
	if !p.running() {
		return nil
	}
	_ = terminate(p.cmd.Process) // it may have ended just now
	select {
	case <-p.done:
		return nil
	case <-time.After(stopPatience):
		p.kill()
		return fmt.Errorf("%s did not stop within %s and was killed; its log is %s", p.name, stopPatience, p.log)
	}
}

// kill ends the process at once, as a power cut would, and waits for it to be gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// until polls ready until it is nil, the process ends or ctx does.
func (p *process) until(ctx context.Context, ready func(context.Context) error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s is not ready: %w", p.name, ctx.Err()), err)
		case <-p.done:
			return fmt.Errorf("%s ended (%v): %w: %s", p.name, p.err, pdx.ErrUnavailable, tail(p.log))
		case <-tick.C:
		}
	}
}

// tail returns the end of a log.
func tail(name string) string {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-logTail):])
}
