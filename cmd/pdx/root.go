package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node"
)

// streams are where a process reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// app is what all verbs share.
type app struct {
	streams
	home  string
	json  bool
	lines *bufio.Reader // answers to questions, made with the first
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "pdx",
		Short: "Buy, sell and validate data on the Panacea data exchange",
		Long: `pdx sells data from your own machine, checks it for others, or buys it.

Data and keys never leave this machine in the clear: a buyer pulls ciphertext
from the seller's machine, and key and payment change hands on chain in one
transaction.

Start with 'pdx demo' to watch a whole market on this machine, or with
'pdx init' and 'pdx daemon' to run a node.`,
		Example:           "  pdx demo\n  pdx init && pdx daemon\n  pdx pool list --status open",
		SilenceUsage:      true,
		SilenceErrors:     true,
		Version:           node.Version,
		Args:              unknownVerb,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; see '%s --help'", err, cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&a.home, "home", defaultHome(), "folder of the node (or PDX_HOME)")
	_ = root.MarkPersistentFlagDirname("home")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON; JSON lines where something is followed")
	root.AddGroup(&cobra.Group{ID: "node", Title: "This node:"}, &cobra.Group{ID: "market", Title: "The market:"}, &cobra.Group{ID: "try", Title: "Trying it out:"})
	for _, cmd := range []*cobra.Command{a.initCommand(), a.daemonCommand(), a.statusCommand(), a.webCommand(), a.keysCommand(), a.backupCommand(), a.restoreCommand(), a.peersCommand(), a.transferCommand(), a.pingCommand(), a.perfCommand(), a.withdrawCommand(), a.versionCommand()} {
		cmd.GroupID = "node"
		root.AddCommand(cmd)
	}
	for _, cmd := range []*cobra.Command{a.poolCommand(), a.validatorCommand(), a.dataCommand(), a.sellCommand(), a.salesCommand(), a.pullCommand(), a.pullsCommand(), a.dealCommand()} {
		cmd.GroupID = "market"
		root.AddCommand(cmd)
	}
	for _, cmd := range []*cobra.Command{a.demoCommand(), a.localnetCommand(), a.sampleCommand()} {
		cmd.GroupID = "try"
		root.AddCommand(cmd)
	}
	root.AddCommand(exitCodes())
	finishBuiltins(root)
	return root
}

// prepare makes what all verbs were told fit for use.
func (a *app) prepare(cmd *cobra.Command) (err error) {
	if err := cmd.ValidateRequiredFlags(); err != nil {
		return usagef("%v; see '%s --help'", err, cmd.CommandPath())
	}
	a.home, err = absolute(a.home)
	return err
}

func defaultHome() string {
	if home := os.Getenv("PDX_HOME"); home != "" {
		return home
	}
	if user, err := os.UserHomeDir(); err == nil {
		return filepath.Join(user, ".pdx")
	}
	return ".pdx"
}
