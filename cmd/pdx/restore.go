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
		Use: "restore FILE", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.restore(cmd, args[0]) },
	}
	passphraseFlag(cmd)
	return cmd
}

func (a *app) restore(cmd *cobra.Command, file string) error {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return a.fail(pdx.ErrNotFound, "file.none", "what", a.t("file.backup"), "file", file)
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
	show := func(done, work uint64) { reading.set(a.t("progress.restoring"), done, work) }
	header, sum, err := home.Restore(cmd.Context(), archive, a.home, show)
	reading.hide()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if a.json {
		return a.line(map[string]any{
			"home": a.home, "chain_id": header.ChainID, "account": header.Account, "made": header.Made,
			"files": sum.Files, "bytes": sum.Bytes, "not_copied": listedJSON(sum.Listed), "warnings": []string{a.t("restore.two_homes")},
		})
	}
	p := a.printer(a.out)
	p.facts("home", a.home, "chain", header.ChainID, "account", string(header.Account), "made", when(header.Made), "files",
		fmt.Sprint(sum.Files))
	p.listed(p.t("restore.not_copied"), sum.Listed)
	fmt.Fprintln(a.out)
	p.say("restore.two_homes")
	p.say("restore.then", "command", a.verb("daemon"), "status", a.verb("status"))
	return nil
}
