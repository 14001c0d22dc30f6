package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
)

func (c *cli) fundCommand() *cobra.Command {
	var patience time.Duration
	cmd := &cobra.Command{
		Use:   "fund ADDRESS AMOUNT",
		Short: "Pay from the running chain's faucet",
		Long: "Pay from the running chain's faucet and print the hash of the transaction once it is in a block. " +
			"AMOUNT is such as 100MED or 5000umed.",
		Example: "  pdx-localnet fund panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc 100MED",
		Args:    exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := pdx.ParseAmount(args[1])
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), patience)
			defer cancel()
			hash, err := localnet.Fund(ctx, c.home, pdx.Address(args[0]), amount)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.out, hash)
			return nil
		},
	}
	cmd.Flags().DurationVar(&patience, "timeout", 30*time.Second, "how long to wait for the block that has it")
	return cmd
}
