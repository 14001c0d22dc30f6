package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
)

func (a *app) keysCommand() *cobra.Command {
	return a.group("keys",
		a.keysShowCommand(), a.keysMnemonicCommand())
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
			if err != nil {
				return err
			}
			a.note("keys.write_down")
			a.printer(a.out).mnemonic(words)
			return nil
		},
	}
	passphraseFlag(cmd)
	return cmd
}

// mnemonicColumns is how many numbered words a line has: 6 of at most 8 letters fit 80
// columns.
const mnemonicColumns = 6

// mnemonic prints numbered words, six to a line.
func (p printer) mnemonic(words string) {
	n := 0
	for row := range slices.Chunk(strings.Fields(words), mnemonicColumns) {
		var line strings.Builder
		for _, word := range row {
			n++
			fmt.Fprintf(&line, "%2d. %-8s ", n, word)
		}
		fmt.Fprintln(p.w, strings.TrimRight(line.String(), " "))
	}
}

// openHome unlocks the home for a verb that works without the daemon.
func (a *app) openHome(cmd *cobra.Command) (*home.Home, error) {
	if err := a.initialised(); err != nil {
		return nil, err
	}
	if _, err := a.client(cmd.Context()); err == nil { // said before the passphrase is asked for
		return nil, a.fail(pdx.ErrWrongState, "keys.daemon_runs", "home", a.home)
	}
	passphrase, err := a.passphrase(cmd, false)
	if err != nil {
		return nil, err
	}
	return home.Open(cmd.Context(), a.home, passphrase)
}
