package main

import (
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
)

func (a *app) keysCommand() *cobra.Command {
	return a.group("keys",
		a.keysShowCommand(), a.keysMnemonicCommand(), a.keysPassphraseCommand(), a.keysRotateCommand(), a.keysMoveCommand())
}

func (a *app) keysShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show", Args: a.exactly(0),
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
			a.printer(a.out).facts("account", string(k.Account()), "peer", k.PeerID().String())
			return nil
		},
	}
	passphraseFlag(cmd)
	return cmd
}

func (a *app) keysMnemonicCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "mnemonic", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.json || !isTerminal(a.out) {
				return a.fail(errUsage, "keys.no_terminal")
			}
			home, err := a.openHome(cmd)
			if err != nil {
				return err
			}
			defer home.Close()
			words, err := keys.Mnemonic(cmd.Context(), home.Secrets)
			if former, _ := cmd.Flags().GetString("account"); former != "" {
				words, err = keys.FormerMnemonic(cmd.Context(), home.Secrets, pdx.Address(former))
			}
			if err != nil {
				return err
			}
			a.note("keys.write_down")
			a.printer(a.out).mnemonic(words)
			return nil
		},
	}
	cmd.Flags().String("account", "", "")
	passphraseFlag(cmd)
	return cmd
}

// openHome unlocks the home for a verb that works without the daemon.
func (a *app) openHome(cmd *cobra.Command) (*home.Home, error) {
	if err := a.daemonStopped(cmd.Context()); err != nil { // said before the passphrase is asked for
		return nil, err
	}
	passphrase, err := a.passphrase(cmd, false)
	if err != nil {
		return nil, err
	}
	return home.Open(cmd.Context(), a.home, passphrase)
}
