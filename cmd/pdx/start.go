package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/web"
)

const (
	// pageAddress is where the page is served if the configuration does not say: a port that
	// the system chooses.
	pageAddress = "127.0.0.1:0"
	// startPatience is how long a daemon may take until it answers.
	startPatience = 60 * time.Second
	startPoll     = 100 * time.Millisecond
	// daemonOutput gets what a daemon says beside its log that was started in the background.
	daemonOutput = "start.out"
)

func (a *app) startCommand() *cobra.Command {
	flags, closed := linkFlags{}, false
	cmd := &cobra.Command{
		Use: "start", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.start(cmd, &flags, !closed) },
	}
	flags.add(cmd, "sell", "buy")
	cmd.Flags().BoolVar(&closed, "no-browser", false, "")
	passphraseFlag(cmd)
	return cmd
}

// start runs the daemon in the background unless it runs, and opens the page.
func (a *app) start(cmd *cobra.Command, flags *linkFlags, browser bool) error {
	if err := a.initialised(); err != nil {
		return err
	}
	if _, _, err := flags.scopes(a); err != nil {
		return err
	}
	pid := 0
	_, err := a.client(cmd.Context())
	if errors.Is(err, pdx.ErrUnavailable) {
		pid, err = a.background(cmd)
	}
	if err != nil {
		return err
	}
	link, scopes, err := a.link(cmd.Context(), flags)
	if err != nil {
		return err
	}
	if browser && !a.json && hasDesktop() {
		if err := a.openBrowser(cmd.Context(), link); err != nil {
			a.note("start.no_browser", "cause", err)
		}
	}
	if a.json && pid != 0 {
		return a.line(linkJSON(link, scopes, map[string]any{"pid": pid}))
	}
	return a.showLink(link, scopes)
}

// background starts a daemon that outlives this command, and waits until it answers.
func (a *app) background(cmd *cobra.Command) (pid int, err error) {
	cfg, err := config.Load(a.home)
	if err != nil {
		return 0, err
	}
	passphrase, err := a.passphrase(cmd, false)
	if err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	path := filepath.Join(a.home, daemonOutput)
	log, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	defer log.Close() // the child has its own

	child := exec.Command(self, "daemon", "--home", a.home, "--passphrase-file", stdinFile) //nolint:noctx // it outlives this command
	child.Stdin, child.Stdout, child.Stderr = strings.NewReader(passphrase+"\n"), log, log
	child.SysProcAttr = detached()
	child.Env = append(os.Environ(), "PDX_LOG_STDERR=false") // the home keeps the log, within bounds
	if cfg.API.Web == "" {
		child.Env = append(child.Env, "PDX_API_WEB="+pageAddress)
	}
	if err := child.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = child.Wait() }() // it has said why
	return child.Process.Pid, a.answers(cmd.Context(), api.NewClient(cfg.SocketPath()), ended, path)
}

// answers waits until the daemon answers and its page is there. What it wrote to a file says why
// it ended.
func (a *app) answers(ctx context.Context, client api.Client, ended <-chan struct{}, output string) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	for {
		if _, err := client.Status(ctx, &nodepb.StatusRequest{}); err == nil {
			if _, err := web.ReadOwner(a.home); err == nil {
				return nil
			}
		}
		select {
		case <-ended:
			return a.fail(pdx.ErrUnavailable, "start.ended", "said", reasonIn(output), "log", output)
		case <-ctx.Done():
			return a.fail(pdx.ErrUnavailable, "start.slow", "log", output)
		case <-tick.C:
		}
	}
}

// reasonIn is what pdx last said in a file that it failed of, or the last line.
func reasonIn(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxOutput))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	for _, line := range slices.Backward(lines) {
		if said, ok := strings.CutPrefix(line, "pdx: "); ok {
			return said
		}
	}
	return lines[len(lines)-1]
}

// maxOutput bounds what is read for that.
const maxOutput = 1 << 20

// hasDesktop reports whether a browser can be shown to somebody.
func hasDesktop() bool {
	return runtime.GOOS == "darwin" || runtime.GOOS == "windows" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// openBrowser leads the desktop's browser to a link by a file that only its owner can read.
func (a *app) openBrowser(ctx context.Context, link web.Link) error {
	path, err := link.Leave(a.home)
	if err != nil {
		return err
	}
	name := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if name == "" {
		name = "xdg-open"
	}
	opener := exec.CommandContext(context.WithoutCancel(ctx), name, path)
	if err := opener.Start(); err != nil {
		return err
	}
	go func() { _ = opener.Wait() }() // the browser may stay
	return nil
}
