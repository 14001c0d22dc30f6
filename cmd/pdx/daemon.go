package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node"
	"github.com/medibloc/pdx/node/config"
)

func (a *app) daemonCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "daemon",
		Short: "Run this node until it is interrupted",
		Long: `Run this node: follow the chain, meet peers, serve what was sold, validate,
pull, acknowledge, deliver and withdraw. It may be killed at any time and goes
on where it was. Logs go to standard error.`,
		Example: "  pdx daemon\n  pdx daemon --passphrase-file /run/secrets/pdx",
		Args:    exactly(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.daemon(cmd) },
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
		facts(a.out, "account", string(n.Account()), "peer", n.PeerID().String(), "socket", cfg.SocketPath())
		for _, addr := range n.Listen() {
			fmt.Fprintf(a.out, "listen   %s\n", addr)
		}
	})
}
