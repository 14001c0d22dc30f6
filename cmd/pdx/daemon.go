package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

func (a *app) daemonCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:  "daemon",
		Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.daemon(cmd, false) },
	}
	passphraseFlag(cmd)
	return cmd
}

func (a *app) relayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:  "relay",
		Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.daemon(cmd, true) },
	}
	passphraseFlag(cmd)
	return cmd
}

// daemon runs the node of the home; relayOnly says that it relays and plays no role.
func (a *app) daemon(cmd *cobra.Command, relayOnly bool) error {
	if err := a.initialised(); err != nil {
		return err
	}
	cfg, err := config.Load(a.home)
	if err != nil {
		return err
	}
	if relayOnly && cfg.P2P.LocalNetwork {
		return a.fail(pdx.ErrInvalid, "relay.local", "file", config.File(a.home))
	}
	if relayOnly {
		cfg = cfg.OnlyRelay()
	}
	hangups := make(chan os.Signal, 1) // one that comes while the node starts waits
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	passphrase, err := a.passphrase(cmd, false)
	if err != nil {
		return err
	}
	file, _ := cmd.Flags().GetString("passphrase-file")
	for _, e := range home.ExposedPaths(file) {
		fmt.Fprintln(a.err, a.t("init.warning", "warning", e.Cure()))
	}
	return node.Run(cmd.Context(), cfg, passphrase, a.err, func(n *node.Node) {
		go reloadOn(cmd.Context(), hangups, n)
		if a.json {
			_ = a.line(map[string]any{"account": n.Account(), "peer_id": n.PeerID().String(), "listen": n.Listen(), "socket": cfg.SocketPath()})
			return
		}
		a.printer(a.out).facts("account", string(n.Account()), "peer", n.PeerID().String(), "socket", cfg.SocketPath(),
			"listen", strings.Join(n.Listen(), ", "))
	})
}

// reloadOn has the configuration read again at each signal, until ctx ends.
func reloadOn(ctx context.Context, hangups <-chan os.Signal, n *node.Node) {
	for {
		select {
		case <-hangups:
			n.Reload()
		case <-ctx.Done():
			return
		}
	}
}
