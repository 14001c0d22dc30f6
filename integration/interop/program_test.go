package interop_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/market"
)

// patience is how long a program may take for all that it does.
const patience = 4 * time.Minute

// requireNode skips where the JavaScript peers cannot run, and says why. With PDX_INTEROP
// set, as `make interop` does, that is a failure.
func requireNode(t *testing.T) {
	t.Helper()
	missing := func(why string) {
		if os.Getenv("PDX_INTEROP") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing("node is not installed")
	}
	if _, err := os.Stat(filepath.Join("js", "node_modules")); err != nil {
		missing("the packages of the JavaScript peers are not installed: run `make interop`")
	}
}

// event is a line that a JavaScript program prints.
type event struct {
	Event     string   `json:"event"`
	Account   string   `json:"account"`
	Pool      uint64   `json:"pool,string"`
	Deal      uint64   `json:"deal,string"`
	File      string   `json:"file"`
	Bytes     int      `json:"bytes"`
	Verdict   string   `json:"verdict"`
	Same      bool     `json:"same"`
	Addresses []string `json:"addresses"`
}

// program is a running one in JavaScript.
type program struct {
	t      *testing.T
	name   string
	events chan event
	ended  chan error
	log    strings.Builder // of the goroutine that reads; read by others after ended
}

// run starts a program with a configuration. It ends with the test.
func run(t *testing.T, m *market.Market, name string, config map[string]any) *program {
	t.Helper()
	config["rpc"] = m.Fleet.Endpoints().RPC
	raw, err := json.Marshal(config)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	cmd := exec.CommandContext(ctx, "node", "--experimental-websocket", filepath.Join("js", name+".js"), string(raw))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	require.NoError(t, cmd.Start())
	p := &program{t: t, name: name, events: make(chan event, 1024), ended: make(chan error, 1)}
	go func() {
		defer close(p.events)
		p.read(out)
		if err := cmd.Wait(); err != nil {
			p.ended <- fmt.Errorf("%w\n%s", err, complaints.String())
			return
		}
		p.ended <- nil
	}()
	t.Cleanup(func() {
		cancel()
		for range p.events { // until the reader has ended
		}
		if t.Failed() || testing.Verbose() {
			t.Logf("what %s said:\n%s%s", name, p.log.String(), complaints.String())
		}
	})
	return p
}

func (p *program) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.log.WriteString(lines.Text() + "\n")
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			p.events <- e
		}
	}
}

// wait returns the next event of a kind. The program must not end before.
func (p *program) wait(kind string) event {
	p.t.Helper()
	for e := range p.events {
		if e.Event == kind {
			return e
		}
	}
	p.t.Fatalf("%s ended without %q: %v", p.name, kind, <-p.ended)
	return event{}
}
