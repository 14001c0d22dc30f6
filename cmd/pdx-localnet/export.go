package main

import (
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/chain/localnet"
)

func (c *cli) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "export",
		Short:   "Print the stopped chain's state as a genesis",
		Long:    "Print the stopped chain's last state as JSON: a genesis document from which a chain may begin at the next height.",
		Example: "  pdx-localnet export > state.json",
		Args:    exactly(0),
		RunE:    func(*cobra.Command, []string) error { return localnet.Export(c.home, c.out) },
	}
}
