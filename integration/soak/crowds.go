//go:build linux

package soak

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// crowdSize is how many hostile peers share a process and a public address.
const crowdSize = 10

// crowd is a process of hostile peers.
type crowd struct {
	file    string
	content crowdFile
	process *exec.Cmd
	input   io.Closer
}

// startCrowds starts all hostile peers; each crowd is in an address group of its own.
func (w *world) startCrowds() {
	w.t.Helper()
	folder := w.t.TempDir()
	for first := 0; first < w.options.Hostile; first += crowdSize {
		name := fmt.Sprintf("crowd-%d", len(w.crowds)+1)
		c := &crowd{
			file:    filepath.Join(folder, name),
			content: crowdFile{Name: name, First: first, Peers: min(crowdSize, w.options.Hostile-first), targets: w.targets()},
		}
		require.NoError(w.t, c.write())
		program, err := os.Executable()
		require.NoError(w.t, err)
		c.process = exec.Command(program) //nolint:noctx // it ends with its standard input
		c.process.Env = append(os.Environ(), crowdEnv+"="+c.file)
		c.process.Stderr = os.Stderr
		c.input, err = c.process.StdinPipe()
		require.NoError(w.t, err)
		require.NoError(w.t, w.internet.Start(name, c.process))
		w.t.Cleanup(c.stop)
		w.crowds = append(w.crowds, c)
	}
}

func (c *crowd) write() error {
	raw, err := json.Marshal(c.content)
	if err != nil {
		return err
	}
	return durable.Replace(c.file, raw)
}

// stop ends the crowd. It is idempotent.
func (c *crowd) stop() {
	if c.process.ProcessState == nil {
		_ = c.input.Close()
		_ = c.process.Wait()
	}
}

// tellCrowds passes on the nodes' addresses and the ciphertexts on offer as they are now.
func (w *world) tellCrowds() {
	now := w.targets()
	for _, c := range w.crowds {
		if len(now.Nodes) > 0 {
			c.content.targets = now
			_ = c.write() // or at the next time
		}
	}
}

// targets returns what a stranger can know: those nodes that answer now, and the chain.
func (w *world) targets() targets {
	t := targets{ChainID: w.chainID, Pools: w.pools}
	for _, n := range w.market.Fleet.Members() {
		ctx, cancel := w.short()
		if st, err := n.Client().Status(ctx, &nodepb.StatusRequest{}); err == nil {
			t.Nodes = append(t.Nodes, st.Listen)
		}
		cancel()
	}
	ctx, cancel := w.short()
	defer cancel()
	for _, pool := range w.pools {
		deals, err := w.market.Deals(ctx, pool)
		if err != nil {
			continue
		}
		for _, d := range deals[max(0, len(deals)-20):] {
			t.Roots = append(t.Roots, d.Dataset.Root[:])
		}
	}
	return t
}
