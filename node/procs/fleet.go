package procs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/endpoints"
)

// Config says where the files of a fleet are and which programs it runs.
type Config struct {
	// Dir holds every home and log; it must exist.
	Dir string
	// Pdx and Localnet are the two programs.
	Pdx, Localnet string
	// Start starts a process of the chain, named "chain", or of a member, for example in a
	// network namespace of its own. Nil starts the process directly.
	Start func(name string, process *exec.Cmd) error
	// Observe returns, for the chain's endpoints as the nodes reach them, the endpoints at
	// which this program reaches the same chain; nil means that they are the same.
	Observe func(endpoints.Endpoints) endpoints.Endpoints
}

// Fleet is a chain and its nodes.
type Fleet struct {
	cfg     Config
	chain   *process
	ends    endpoints.Endpoints
	members []*Member
	others  []purse
}

// New returns an empty fleet.
func New(cfg Config) *Fleet { return &Fleet{cfg: cfg} }

// StartChain starts the development chain and waits for its first block.
// flags are those of `pdx-localnet start`, for a new chain.
func (f *Fleet) StartChain(ctx context.Context, flags ...string) error {
	return f.launchChain(ctx, flags)
}

// RestartChain starts the chain again where it was. Its home keeps what StartChain's flags
// said, but for those of addresses, which are to be given again.
func (f *Fleet) RestartChain(ctx context.Context, flags ...string) error {
	return f.launchChain(ctx, flags)
}

func (f *Fleet) launchChain(ctx context.Context, flags []string) (err error) {
	args := append([]string{"start", "--home", f.chainHome()}, flags...)
	if f.chain, err = f.launch("chain", f.cfg.Localnet, args...); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	return f.chain.until(ctx, func(context.Context) error { return f.readEndpoints() })
}

// startPatience is many times what a start takes on a busy machine.
const startPatience = 3 * time.Minute

// readEndpoints takes what the running chain wrote; what an earlier one left is
// told apart by its process id.
func (f *Fleet) readEndpoints() error {
	ends, err := endpoints.Read(f.chainHome())
	if err != nil {
		return err
	}
	if ends.PID != f.chain.cmd.Process.Pid {
		return fmt.Errorf("chain: %w: it is starting", pdx.ErrUnavailable)
	}
	f.ends = ends
	return nil
}

// KillChain ends the chain as a power cut would.
func (f *Fleet) KillChain() { f.chain.kill() }

// Endpoints returns where the nodes reach the chain.
func (f *Fleet) Endpoints() endpoints.Endpoints { return f.ends }

// Observed returns where this program reaches the chain: see Config.Observe.
func (f *Fleet) Observed() endpoints.Endpoints {
	if f.cfg.Observe == nil {
		return f.ends
	}
	return f.cfg.Observe(f.ends)
}

// Fund sends money, in umed, to an account from the chain's faucet.
func (f *Fleet) Fund(ctx context.Context, account pdx.Address, amount pdx.Amount) error {
	return f.run(ctx, "chain", f.cfg.Localnet, "fund", string(account), amount.String(), "--home", f.chainHome())
}

// Members returns the nodes, in the order in which they were added.
func (f *Fleet) Members() []*Member { return f.members }

// Tails returns the last lines of all logs, for the message of a failure.
func (f *Fleet) Tails() string {
	names := []string{"chain"}
	for _, m := range f.members {
		names = append(names, m.Name)
	}
	text := ""
	for _, name := range names {
		text += fmt.Sprintf("--- %s\n%s\n", name, tail(f.logFile(name)))
	}
	return text
}

// Stop ends all nodes, then the chain. It is idempotent.
func (f *Fleet) Stop() error {
	failed := make(chan error, len(f.members))
	for _, m := range f.members {
		go func() { failed <- m.Stop() }()
	}
	var err error
	for range f.members {
		err = errors.Join(err, <-failed)
	}
	if f.chain != nil {
		err = errors.Join(err, f.chain.stop())
	}
	return err
}

func (f *Fleet) chainHome() string          { return filepath.Join(f.cfg.Dir, "chain") }
func (f *Fleet) logFile(name string) string { return filepath.Join(f.cfg.Dir, name+".log") }

// run runs a program to its end where the processes of that name run; what it
// says is part of the error.
func (f *Fleet) run(ctx context.Context, name, binary string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := f.start(name, cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(binary), args[0], err, out.Bytes())
	}
	return nil
}

func (f *Fleet) start(name string, process *exec.Cmd) error {
	// Demos and tests compare what was bought with what was disclosed when all is over.
	process.Env = append(process.Environ(), "PDX_SELLER_KEEP_DISCLOSED=true")
	if f.cfg.Start == nil {
		return process.Start()
	}
	return f.cfg.Start(name, process)
}

// launch starts a program that goes on until it is stopped.
func (f *Fleet) launch(name, binary string, args ...string) (*process, error) {
	return launch(name, f.logFile(name), func(cmd *exec.Cmd) error { return f.start(name, cmd) }, binary, args...)
}
