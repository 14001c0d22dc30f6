package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node"
	"github.com/medibloc/pdx/node/api"
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
	home string
	json bool
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
		Example:       "  pdx demo\n  pdx init && pdx daemon\n  pdx pool list --status open",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       node.Version,
		Args:          unknownVerb,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; see '%s --help'", err, cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&a.home, "home", defaultHome(), "folder of the node (or PDX_HOME)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON; JSON lines where something is followed")
	root.AddGroup(&cobra.Group{ID: "node", Title: "This node:"}, &cobra.Group{ID: "market", Title: "The market:"}, &cobra.Group{ID: "try", Title: "Trying it out:"})
	for _, cmd := range []*cobra.Command{a.initCommand(), a.daemonCommand(), a.statusCommand(), a.keysCommand(), a.peersCommand(), a.withdrawCommand()} {
		cmd.GroupID = "node"
		root.AddCommand(cmd)
	}
	for _, cmd := range []*cobra.Command{a.poolCommand(), a.validatorCommand(), a.dataCommand(), a.sellCommand(), a.pullCommand(), a.dealCommand()} {
		cmd.GroupID = "market"
		root.AddCommand(cmd)
	}
	for _, cmd := range []*cobra.Command{a.demoCommand(), a.localnetCommand(), a.sampleCommand()} {
		cmd.GroupID = "try"
		root.AddCommand(cmd)
	}
	root.AddCommand(exitCodes())
	return root
}

// unknownVerb is for root and for groups of verbs: they take no arguments of their own.
func unknownVerb(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("there is no '%s %s'; see '%s --help'", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// group is a verb that only has verbs below it.
func group(use, short, example string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: unknownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// exactly wants n arguments, named as in the usage line.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("'%s' wants %d argument(s), got %d; see '%s --help'", cmd.UseLine(), n, len(args), cmd.CommandPath())
		}
		return nil
	}
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

// client calls the daemon of the home.
func (a *app) client() (api.Client, error) {
	cfg, err := node.LoadConfig(a.home)
	if err != nil {
		return nil, err
	}
	return api.NewClient(cfg.SocketPath()), nil
}

// absolute makes a path mean the same in the daemon as here.
func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("path %q: %w", path, err)
	}
	return abs, nil
}
