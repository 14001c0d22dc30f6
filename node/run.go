package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

// Start starts all parts. When one fails, all are stopped again.
func (n *Node) Start(ctx context.Context) error {
	n.started = time.Now()
	return n.parts.Start(ctx)
}

// Stop stops all parts in the reverse order and closes the host and the stores.
// It is idempotent.
func (n *Node) Stop() error {
	n.stopping.Do(func() { n.stopped = n.stop() })
	return n.stopped
}

func (n *Node) stop() error {
	err := n.parts.Stop()
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

// Run opens a home and runs its node until ctx ends. ready is called once when
// the node runs. Logs go to w.
func Run(ctx context.Context, cfg config.Config, passphrase string, w io.Writer, ready func(*Node)) (err error) {
	level, err := cfg.Log.SlogLevel()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
	for _, warning := range cfg.Warnings {
		log.Warn("setting renamed", "detail", warning, "file", config.File(cfg.Home))
	}
	opened, err := home.Open(ctx, cfg.Home, passphrase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	n, err := New(ctx, cfg, opened, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop()) }()
	checked := make(chan error, 1)
	checking, cancel := context.WithCancel(ctx)
	go func() { checked <- n.checkChain(checking) }()
	defer func() {
		cancel()
		<-checked //nolint:errcheck // whoever was to know has read it
	}()
	if err := soon(checked); err != nil {
		return err
	}
	if err := n.Start(ctx); err != nil {
		return err
	}
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady) // not under systemd: nothing happens
	ready(n)
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

// chainPatience is how long a start waits to learn that it is set to another
// chain; an endpoint that is well says so in milliseconds.
const chainPatience = time.Second

// soon is what was checked, if it is known soon; it stays to be read again.
func soon(checked chan error) error {
	select {
	case err := <-checked:
		checked <- err
		return err
	case <-time.After(chainPatience):
		return nil
	}
}

// checkChain refuses to run against another chain than the configured one; a
// chain that cannot be reached now is waited for while running.
func (n *Node) checkChain(ctx context.Context) error {
	_, err := n.chain.Head(ctx)
	if errors.Is(err, pdx.ErrInvalid) {
		return fmt.Errorf("%w: set chain.id and the chain's addresses in %s", err, config.File(n.cfg.Home))
	}
	if err != nil && ctx.Err() == nil {
		n.log.Warn("the chain cannot be reached yet", "error", fmt.Sprint(err))
	}
	return nil
}
