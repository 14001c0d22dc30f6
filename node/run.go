package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/logfile"
	"github.com/medibloc/pdx/internal/repeat"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

// Start starts all parts. If one fails, Start stops all others again.
func (n *Node) Start(ctx context.Context) error {
	n.started = time.Now()
	return n.lifecycle.Start(ctx)
}

// Stop stops all parts in the reverse order and closes the host and the stores.
// It is idempotent.
func (n *Node) Stop() error {
	n.stopping.Do(func() { n.stopped = n.stop() })
	return n.stopped
}

func (n *Node) stop() error {
	err := n.lifecycle.Stop()
	if n.host != nil {
		err = errors.Join(err, n.host.Close())
	}
	if n.network != nil {
		err = errors.Join(err, n.network.Close())
	}
	if n.store != nil {
		err = errors.Join(err, n.store.Close())
	}
	if n.view != nil {
		n.view.Close()
	}
	if n.chain != nil {
		err = errors.Join(err, n.chain.Close())
	}
	return err
}

// Run opens a home and runs its node until ctx ends. It calls ready once the node runs.
// Logs go to w.
func Run(ctx context.Context, cfg config.Config, passphrase string, w io.Writer, ready func(*Node)) (err error) {
	opened, err := home.Open(ctx, cfg.Home, passphrase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	kept, keepErr := keepLog(cfg)
	defer func() { err = errors.Join(err, kept.Close()) }()
	log, level, err := newLog(cfg, w, kept)
	if err != nil {
		return err
	}
	if keepErr != nil {
		log.Warn("the log is not kept: 'pdx logs' will not show it", "error", keepErr)
	}
	n, err := New(ctx, cfg, opened, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop()) }()
	n.settings.level = level
	checked := make(chan error, 1)
	checking, cancel := context.WithCancel(ctx)
	go func() { checked <- n.checkChain(checking) }()
	defer func() {
		cancel()
		<-checked //nolint:errcheck // the error was read before, if it mattered
	}()
	if err := soon(checked); err != nil {
		return err
	}
	if err := n.Start(ctx); err != nil {
		return err
	}
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady) // a no-op without systemd
	ready(n)
	ctx, end := context.WithCancel(ctx)
	defer end()
	go func() {
		select {
		case <-n.ending:
			end()
		case <-ctx.Done():
		}
	}()
	select {
	case <-ctx.Done():
	case err := <-checked:
		checked <- nil
		if err != nil {
			return err
		}
		<-ctx.Done()
	}
	log.Info("stopping")
	return nil
}

// End makes Run return as if its context had ended.
func (n *Node) End() { n.ending.Set() }

// keepLog opens the log that the home keeps: one that keeps nothing if it is switched off or cannot
// be opened.
func keepLog(cfg config.Config) (io.WriteCloser, error) {
	limit, err := cfg.Log.KeepBytes()
	if err != nil || limit == 0 {
		return keptNowhere{io.Discard}, err
	}
	kept, err := logfile.Open(filepath.Join(cfg.Home, home.LogFolder), int64(limit))
	if err != nil {
		return keptNowhere{io.Discard}, err
	}
	return kept, nil
}

// keptNowhere is a log that is not kept.
type keptNowhere struct{ io.Writer }

func (keptNowhere) Close() error { return nil }

// newLog returns a log whose level can be changed, after it has named the doubts about the
// configuration. It writes in the configured format to w, and as JSON to kept.
func newLog(cfg config.Config, w, kept io.Writer) (*slog.Logger, *slog.LevelVar, error) {
	at, err := cfg.Log.SlogLevel()
	if err != nil {
		return nil, nil, err
	}
	level := new(slog.LevelVar)
	level.Set(at)
	if !cfg.Log.Stderr {
		w = io.Discard
	}
	log := slog.New(repeat.New(slog.NewMultiHandler(logHandler(cfg.Log.Format, w, level), logHandler(config.LogJSON, kept, level))))
	for _, warning := range cfg.Warnings {
		log.Warn("setting renamed", "detail", warning, "file", config.File(cfg.Home))
	}
	if cfg.Unmarked {
		log.Warn("the configuration has no last line \"...\": it would not be noticed if the file were cut off; add that line",
			"file", config.File(cfg.Home))
	}
	for _, path := range home.Exposed(cfg.Home) {
		log.Warn("others can read or change a file of this node", "cure", path.Cure())
	}
	return log, level, nil
}

// logHandler writes lines of a format in which every character can be seen: a stranger's text
// may be among them, and a terminal may show them.
func logHandler(format string, w io.Writer, level slog.Leveler) slog.Handler {
	options := &slog.HandlerOptions{Level: level}
	if format == config.LogJSON {
		return slog.NewJSONHandler(escapedJSON{w}, options)
	}
	return slog.NewTextHandler(w, options)
}

// escapedJSON is a writer of JSON lines, one for each call, as slog's handler writes them.
type escapedJSON struct{ to io.Writer }

func (e escapedJSON) Write(line []byte) (int, error) {
	if _, err := e.to.Write(text.EscapeJSON(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// chainPatience is how long Run waits for the answer whether the endpoint serves the
// configured chain; a healthy endpoint answers in milliseconds.
const chainPatience = time.Second

// soon returns the result of a check if it comes within chainPatience. The result can be
// read again.
func soon(checked chan error) error {
	select {
	case err := <-checked:
		checked <- err
		return err
	case <-time.After(chainPatience):
		return nil
	}
}

// checkChain returns an error if the endpoint serves another chain than the configured
// one. An unreachable chain is not an error: the node runs and keeps trying.
func (n *Node) checkChain(ctx context.Context) error {
	_, err := n.chain.Head(ctx)
	if errors.Is(err, client.ErrOtherChain) {
		return err
	}
	if errors.Is(err, pdx.ErrInvalid) {
		return fmt.Errorf("%w: set chain.id and the chain's addresses in %s", err, config.File(n.cfg.Home))
	}
	if err != nil && ctx.Err() == nil {
		n.log.Warn("the chain cannot be reached yet", "error", fmt.Sprint(err))
	}
	return nil
}

// WriteBackup writes an archive of the running node's home to w, for the local API.
// Only the keys in it are encrypted. Show may be nil.
func (n *Node) WriteBackup(
	ctx context.Context, w io.Writer, withoutBlobs bool, maxBytes uint64, show func(done, total uint64),
) (backup.Summary, error) {
	o := home.Options{By: Version, WithoutBlobs: withoutBlobs, MaxBytes: maxBytes, Show: show}
	return home.BackupRunning(ctx, n.cfg, n.home, n.store, n.Account(), w, o)
}
