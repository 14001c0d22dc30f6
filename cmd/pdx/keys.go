package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
)

func (a *app) keysCommand() *cobra.Command {
	return group("keys", "Show this node's account and peer id, or its mnemonic", "  pdx keys show\n  pdx keys mnemonic",
		a.keysShowCommand(), a.keysMnemonicCommand())
}

func (a *app) keysShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show", Short: "Show the account's address and the peer id", Args: exactly(0),
		Long:    "Show the account's address and the peer id. The daemon must not be running; while it runs, 'pdx status' shows them.",
		Example: "  pdx keys show --passphrase-file pass.txt",
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := a.openHome(cmd)
			if err != nil {
				return err
			}
			defer home.Close()
			k, err := keys.Load(cmd.Context(), home.Secrets)
			if err != nil {
				return err
			}
			if a.json {
				return a.line(map[string]any{"account": k.Account(), "peer_id": k.PeerID().String()})
			}
			facts(a.out, "account", string(k.Account()), "peer", k.PeerID().String())
			return nil
		},
	}
	passphraseFlag(cmd)
	return cmd
}

func (a *app) keysMnemonicCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "mnemonic", Short: "Show the mnemonic of the account, to write it down", Args: exactly(0),
		Long: `Show the 24 words from which every Cosmos wallet makes this account. Who reads
them owns the account. They are shown on a terminal only, never as JSON.`,
		Example: "  pdx keys mnemonic",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.json || !isTerminal(a.out) {
				return usagef("the mnemonic is shown on a terminal only")
			}
			home, err := a.openHome(cmd)
			if err != nil {
				return err
			}
			defer home.Close()
			words, err := keys.Mnemonic(cmd.Context(), home.Secrets)
			if err != nil {
				return err
			}
			fmt.Fprintln(a.out, words)
			return nil
		},
	}
	passphraseFlag(cmd)
	return cmd
}

// openHome unlocks the home for a verb that works without the daemon.
func (a *app) openHome(cmd *cobra.Command) (*home.Home, error) {
	if err := a.initialised(); err != nil {
		return nil, err
	}
	passphrase, err := a.passphrase(cmd, false)
	if err != nil {
		return nil, err
	}
	return home.Open(cmd.Context(), a.home, passphrase)
}
