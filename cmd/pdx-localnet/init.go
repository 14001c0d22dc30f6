package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/chain/localnet"
)

func (c *cli) initCommand() *cobra.Command {
	var genesis genesisFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a new chain without starting it",
		Long:  "Make a new chain in the home: keys, genesis and a funded faucet. An existing chain is never overwritten.",
		Example: "  pdx-localnet init\n" +
			"  pdx-localnet init --home ./chain --block-interval 200ms --deadlines certify=60s,ack=60s,key=60s,dispute=5s\n" +
			"  pdx-localnet init --account panacea1…=1000MED",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := genesis.config(c.home)
			if err != nil {
				return err
			}
			if err := localnet.Init(cmd.Context(), cfg); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "made %s in %s\n", genesis.chainID, c.home)
			return nil
		},
	}
	genesis.register(cmd.Flags())
	return cmd
}
