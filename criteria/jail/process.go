package jail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a child, as its parent sees it. One goroutine at a time uses it.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.Reader
	stderr *head
	limits Limits
	fences Fences
	jobs   int // that it did
	buf    []byte
	read   []byte

	killed sync.Once
	ended  bool
	idle   *time.Timer // ends it when nobody wants it
}

// start starts a child and waits until it is fenced.
func (j *Jail) start(l Limits) (*process, error) {
	p, err := j.spawn(l)
	if err != nil {
		return nil, &Error{Unstarted, err}
	}
	late := time.AfterFunc(startTime, p.kill)
	defer late.Stop()
	kind, body, err := readFrame(p.out, nil, maxText)
	if err == nil && kind == kindHello {
		err = decode(body, &p.fences)
	} else if err == nil {
		err = errFrame
	}
	if err != nil {
		p.end()
		return nil, &Error{Unstarted, fmt.Errorf("%w: %s", err, p.stderr.text())}
	}
	p.fences.Network = p.fences.Network || p.cmd.SysProcAttr != nil && isolates(p.cmd.SysProcAttr)
	j.fences.Store(&p.fences)
	return p, nil
}

// startTime is how long the start of a child may take: 50 ms on an idle machine.
const startTime = 30 * time.Second

// spawn starts the program, in namespaces of its own where the system allows that.
func (j *Jail) spawn(l Limits) (*process, error) {
	if !j.plain.Load() {
		p, err := j.run(l, isolated())
		if err == nil || isolated() == nil {
			return p, err
		}
		j.plain.Store(true)
	}
	return j.run(l, ordinary())
}

func (j *Jail) run(l Limits, attributes *syscall.SysProcAttr) (*process, error) {
	p := &process{limits: l, stderr: &head{}}
	p.cmd = exec.Command(j.program, Verb) //nolint:noctx // whoever uses it ends it
	p.cmd.Args[0] = os.Args[0]
	p.cmd.Dir = os.TempDir()
	p.cmd.Env = []string{
		// The runtime's own limit makes it collect in time; the system's, which the child sets, holds.
		"GOMEMLIMIT=" + strconv.FormatInt(l.Memory, 10), "GOMAXPROCS=2",
		envMemory + "=" + strconv.FormatInt(l.Memory+overHeap, 10), envCPU + "=" + strconv.FormatInt(int64(l.CPU/time.Second), 10),
	}
	p.cmd.SysProcAttr, p.cmd.Stderr = attributes, p.stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// The environment of a child has its limits, and nothing else.
const (
	envMemory = "PDX_JAIL_BYTES"   // of data that the system lets it have
	envCPU    = "PDX_JAIL_SECONDS" // of processor time
)

// kill ends a child at once; whoever reads from it sees the end.
func (p *process) kill() { p.killed.Do(func() { _ = p.cmd.Process.Kill() }) }

// end ends a child and waits for it.
func (p *process) end() {
	p.ended = true
	p.kill()
	_ = p.in.Close()
	_, _ = io.Copy(io.Discard, p.out)
	_ = p.cmd.Wait()
}

// died is why a child ended by itself: it is waited for.
func (p *process) died(broken error) error {
	p.ended = true
	_ = p.in.Close()
	if errors.Is(broken, errFrame) {
		p.end()
		return &Error{Nonsense, broken}
	}
	late := time.AfterFunc(startTime, p.kill)
	defer late.Stop()
	_, _ = io.Copy(io.Discard, p.out)
	err := p.cmd.Wait()
	state := p.cmd.ProcessState
	cause := Crashed
	killed := state != nil && state.ExitCode() < 0
	switch {
	case p.stderr.outOfMemory():
		cause = Memory
	case killed && state.UserTime()+state.SystemTime() >= p.limits.CPU*9/10: // two clocks differ a little
		cause = CPU
	case killed: // by a system that is short of memory, for example
		cause = Killed
	}
	return &Error{cause, fmt.Errorf("%w: %v", broken, err)}
}

func (p *process) send(kind byte, parts ...[]byte) (err error) {
	p.buf, err = writeFrame(p.in, p.buf, kind, parts...)
	return err
}

// head keeps the beginning of what is written to it.
type head struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf.Write(p[:min(len(p), maxStderr-h.buf.Len())])
	return len(p), nil
}

// noMemory is what Go's runtime says when it gets no more memory, or no more threads.
var noMemory = []string{
	"out of memory", "cannot allocate", "cannot map pages", "failed to reserve", "failed to allocate",
	"failed to create new OS thread", "pthread_create failed",
}

// outOfMemory reports whether Go's runtime said that it gets no more memory. Nothing else
// of what a child that read foreign bytes says is looked at: it could show them.
func (h *head) outOfMemory() bool {
	said := h.text()
	return slices.ContainsFunc(noMemory, func(phrase string) bool { return strings.Contains(said, phrase) })
}

func (h *head) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buf.String()
}
