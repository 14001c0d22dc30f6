package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/config"
)

// client calls the daemon of the home. It first checks that one answers,
// so that a person reads what to do and not the error of a socket.
func (a *app) client(ctx context.Context) (api.Client, error) {
	cfg, err := config.Load(a.home)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", cfg.SocketPath())
	if err == nil {
		conn.Close()
		return api.NewClient(cfg.SocketPath()), nil
	}
	if cfg.API.Socket == "" {
		if err := a.initialised(); err != nil {
			return nil, err
		}
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, a.fail(pdx.ErrUnavailable, "daemon.foreign", "socket", cfg.SocketPath())
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, a.fail(pdx.ErrUnavailable, "daemon.stopped", "command", a.verb("daemon"))
	}
	return nil, a.fail(pdx.ErrUnavailable, "daemon.unreachable", "cause", err, "command", a.verb("daemon"))
}

// initialised refuses a home without a node.
func (a *app) initialised() error {
	if _, err := os.Stat(config.File(a.home)); os.IsNotExist(err) {
		return a.fail(pdx.ErrNotFound, "home.none", "home", a.home, "command", a.verb("init"))
	}
	return nil
}

// verb is a command line for this home, to be copied.
func (a *app) verb(line string) string {
	if home, err := absolute(defaultHome()); err == nil && home == a.home {
		return "pdx " + line
	}
	home := a.home
	if strings.ContainsFunc(home, func(r rune) bool { return strings.ContainsRune(" \t'\"$&;|<>()*?!\\`", r) }) {
		home = "'" + strings.ReplaceAll(home, "'", `'\''`) + "'"
	}
	return fmt.Sprintf("pdx --home %s %s", home, line)
}

// absolute makes a path mean the same in the daemon as here.
func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("path %q: %w", path, err)
	}
	return abs, nil
}
