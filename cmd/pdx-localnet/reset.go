package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
)

func (c *cli) resetCommand() *cobra.Command {
	var yes, all bool
	cmd := &cobra.Command{
		Use:     "reset",
		Short:   "Take the stopped chain back to its first block",
		Long:    "Take the stopped chain back to its first block: blocks and state go, keys, accounts and parameters stay. With --all everything goes.",
		Example: "  pdx-localnet reset\n  pdx-localnet reset --all --yes",
		Args:    exactly(0),
		RunE: func(*cobra.Command, []string) error {
			what, do := "all blocks of the chain", localnet.Reset
			if all {
				what, do = "the chain with all its keys", localnet.Remove
			}
			if !yes {
				if err := c.confirm(fmt.Sprintf("Delete %s in %s?", what, c.home)); err != nil {
					return err
				}
			}
			return do(c.home)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&all, "all", false, "delete genesis and keys too")
	return cmd
}

// confirm takes nothing but a yes for a yes.
func (c *cli) confirm(question string) error {
	fmt.Fprintf(c.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(c.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: no answer; say --yes where nobody can be asked", pdx.ErrRefused)
	}
	return fmt.Errorf("%w: nothing was deleted", pdx.ErrRefused)
}
