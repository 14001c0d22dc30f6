package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/home"
)

func (a *app) restoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Make a home out of a file that 'pdx backup' wrote", Args: exactly(1),
		Long: `Make a home out of a file that 'pdx backup' wrote. --home must not be there yet, or
be an empty folder: nothing is overwritten. The file is decrypted and verified to its
end beside the home, which then gets its name: it is there whole, or not at all.

When its daemon starts, the node reads this account's deals from the chain and takes
up those that were made since the backup. Never run two homes with the same keys: the
old one must be gone, or never be started again.`,
		Example: "  pdx restore /mnt/safe/pdx.backup && pdx daemon\n  pdx --home ~/.pdx-again restore pdx.backup --passphrase-file pass.txt --json",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.restore(cmd, args[0]) },
	}
	passphraseFlag(cmd)
	return cmd
}

const twoHomes = "Never run two homes with the same keys: see that the old one is gone or is never started again."

func (a *app) restore(cmd *cobra.Command, file string) error {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("backup %s: %w: there is no such file", file, pdx.ErrNotFound)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	words, err := a.passphrase(cmd, false)
	if err != nil {
		return err
	}
	archive, err := backup.Decrypt(f, words)
	if err != nil {
		return fmt.Errorf("restore %s: %w", file, err)
	}
	reading := a.newGauge()
	header, sum, err := home.Restore(cmd.Context(), archive, a.home, func(done, work uint64) { reading.set("restoring", done, work) })
	reading.hide()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if a.json {
		return a.line(map[string]any{
			"home": a.home, "chain_id": header.ChainID, "account": header.Account, "made": header.Made,
			"files": sum.Files, "bytes": sum.Bytes, "not_copied": listedJSON(sum.Listed), "warnings": []string{twoHomes},
		})
	}
	facts(a.out, "home", a.home, "chain", header.ChainID, "account", string(header.Account), "made", ago(header.Made), "files", fmt.Sprint(sum.Files))
	printListed(a.out, "Not in the backup:", sum.Listed)
	fmt.Fprintf(a.out, "\n%s\nThen run: %s\nThe daemon catches up with the chain; 'pdx status' shows how far it is.\n", twoHomes, a.verb("daemon"))
	return nil
}
