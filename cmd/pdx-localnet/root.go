package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/internal/message"
)

// cli is what all verbs share.
type cli struct {
	streams
	home string
}

func (c *cli) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "pdx-localnet",
		Short: "Run a Panacea-compatible chain on this machine",
		Long: `pdx-localnet runs a Panacea-compatible chain on this machine, for development.

It makes real blocks and answers like the mainnet, with one chain validator,
keys without a passphrase and money from a faucet. Use it for nothing of value.`,
		Example:       "  pdx-localnet start\n  pdx-localnet fund panacea1… 100MED\n  pdx-localnet query datapool params",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
		Args:          unknownVerb,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(usageError)
	root.PersistentFlags().StringVar(&c.home, "home", defaultHome(), "folder of the chain (or PDX_LOCALNET_HOME)")
	root.AddCommand(c.initCommand(), c.startCommand(), c.fundCommand(), c.governCommand(), c.resetCommand(), c.exportCommand(),
		c.moduleCommand("query", "Query the running chain", "  pdx-localnet query datapool params\n  pdx-localnet query bank balances panacea1…"),
		c.moduleCommand("tx", "Send a transaction to the running chain", "  pdx-localnet tx bank send faucet panacea1… 5000umed --yes"),
		c.versionCommand(), exitCodes())
	return root
}

func usageError(cmd *cobra.Command, err error) error {
	return usagef("%v; see '%s --help'", err, cmd.CommandPath())
}

func unknownVerb(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("no command '%s %s'; see '%s --help'", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// exactly wants n arguments, named as in the usage line.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("'%s' takes %s, got %d; see '%s --help'", cmd.UseLine(), message.Count(n, "argument"), len(args), cmd.CommandPath())
		}
		return nil
	}
}

func defaultHome() string {
	if home := os.Getenv("PDX_LOCALNET_HOME"); home != "" {
		return home
	}
	if user, err := os.UserHomeDir(); err == nil {
		return filepath.Join(user, ".pdx-localnet")
	}
	return ".pdx-localnet"
}
