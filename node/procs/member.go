package procs

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// Member is a node of a fleet.
type Member struct {
	Name    string
	Home    string
	Account pdx.Address // known once it ran
	fleet   *Fleet
	process atomic.Pointer[process] // of the last start
	client  api.Client
}

// Add sets up a node for the running chain as a localnet's, on this machine and
// on loopback, with a random passphrase in a file beside its home. It does not
// start it.
func (f *Fleet) Add(ctx context.Context, name string, flags ...string) (*Member, error) {
	return f.add(ctx, name, append([]string{"--localnet", f.chainHome()}, flags...))
}

// AddPublic is Add for a node of a public network: it is set up with the flags
// that a user gives for a chain that others run.
func (f *Fleet) AddPublic(ctx context.Context, name string, flags ...string) (*Member, error) {
	return f.add(ctx, name, append([]string{
		"--chain-id", f.ends.ChainID, "--grpc", f.ends.GRPC, "--rpc", f.ends.RPC,
		"--trust-height", strconv.FormatInt(f.ends.Trust.Height, 10), "--trust-hash", f.ends.Trust.Hash,
	}, flags...))
}

func (f *Fleet) add(ctx context.Context, name string, flags []string) (*Member, error) {
	m := &Member{Name: name, Home: filepath.Join(f.cfg.Dir, name), fleet: f}
	if err := os.WriteFile(m.passphraseFile(), []byte(rand.Text()+"\n"), 0o600); err != nil {
		return nil, err
	}
	args := append([]string{"init", "--home", m.Home, "--passphrase-file", m.passphraseFile()}, flags...)
	if err := f.run(ctx, name, f.cfg.Pdx, args...); err != nil {
		return nil, fmt.Errorf("set up %s: %w", name, err)
	}
	m.client = api.NewClient(m.socket())
	f.members = append(f.members, m)
	return m, nil
}

// Start runs the node and waits until it answers. Other methods may be called meanwhile.
func (m *Member) Start(ctx context.Context) error {
	p, err := m.fleet.launch(m.Name, m.fleet.cfg.Pdx,
		"daemon", "--home", m.Home, "--passphrase-file", m.passphraseFile())
	if err != nil {
		return err
	}
	m.process.Store(p)
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	return p.until(ctx, func(ctx context.Context) error {
		st, err := m.client.Status(ctx, &nodepb.StatusRequest{})
		if err == nil && m.Account == "" { // it never changes, and others may be reading it
			m.Account = pdx.Address(st.Account)
		}
		return err
	})
}

// Verb runs a verb of pdx that takes a passphrase for this home.
func (m *Member) Verb(ctx context.Context, verb string, args ...string) error {
	args = append([]string{verb, "--home", m.Home, "--passphrase-file", m.passphraseFile()}, args...)
	if err := m.fleet.run(ctx, m.Name, m.fleet.cfg.Pdx, args...); err != nil {
		return fmt.Errorf("%s: pdx %s: %w", m.Name, verb, err)
	}
	return nil
}

// Client calls the node.
func (m *Member) Client() api.Client { return m.client }

// Running reports whether the node's process has not ended.
func (m *Member) Running() bool {
	p := m.process.Load()
	return p != nil && p.running()
}

// Kill ends the node as a power cut would.
func (m *Member) Kill() { m.process.Load().kill() }

// Stop lets the node stop by itself. It is idempotent.
func (m *Member) Stop() error {
	p := m.process.Load()
	if p == nil {
		return nil
	}
	return p.stop()
}

// Log returns what the node logged so far.
func (m *Member) Log() string {
	raw, _ := os.ReadFile(m.fleet.logFile(m.Name))
	return strings.TrimSpace(string(raw))
}

func (m *Member) passphraseFile() string { return m.Home + ".passphrase" }
func (m *Member) socket() string         { return filepath.Join(m.Home, "pdx.sock") }

// PID returns the process id of the node's last start, for callers that monitor the process.
func (m *Member) PID() int { return m.process.Load().cmd.Process.Pid }

// Signal sends the node's process a signal, for example to stop it for a while.
func (m *Member) Signal(s os.Signal) error { return m.process.Load().cmd.Process.Signal(s) }
