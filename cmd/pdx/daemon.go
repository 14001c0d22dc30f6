package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node"
	"github.com/medibloc/pdx/node/config"
)

func (a *app) daemonCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:  "daemon",
		Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.daemon(cmd) },
	}
	passphraseFlag(cmd)
	return cmd
}

func (a *app) daemon(cmd *cobra.Command) error {
	if err := a.initialised(); err != nil {
		return err
	}
	cfg, err := config.Load(a.home)
	if err != nil {
		return err
	}
	passphrase, err := a.passphrase(cmd, false)
	if err != nil {
		return err
	}
	return node.Run(cmd.Context(), cfg, passphrase, a.err, func(n *node.Node) {
		if a.json {
			_ = a.line(map[string]any{"account": n.Account(), "peer_id": n.PeerID().String(), "listen": n.Listen(), "socket": cfg.SocketPath()})
			return
		}
		a.printer(a.out).facts("account", string(n.Account()), "peer", n.PeerID().String(), "socket", cfg.SocketPath(),
			"listen", strings.Join(n.Listen(), ", "))
	})
}
