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
		Use:   "reset",
		Short: "Reset the stopped chain to its first block",
		Long: "Reset the stopped chain to its first block: blocks and state are deleted; " +
			"keys, accounts and parameters stay. --all deletes everything.",
		Example: "  pdx-localnet reset\n  pdx-localnet reset --all --yes",
		Args:    exactly(0),
		RunE: func(*cobra.Command, []string) error {
			what, do := "all blocks of the chain", localnet.Reset
			if all {
				what, do = "the chain and all its keys", localnet.Remove
			}
			if !yes {
				if err := c.confirm(fmt.Sprintf("Delete %s in %s?", what, c.home)); err != nil {
					return err
				}
			}
			return do(c.home)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation")
	cmd.Flags().BoolVar(&all, "all", false, "delete the genesis and the keys too")
	return cmd
}

// confirm asks a question and accepts only y or yes.
func (c *cli) confirm(question string) error {
	fmt.Fprintf(c.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(c.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: not a terminal: pass --yes to confirm", pdx.ErrRefused)
	}
	return fmt.Errorf("%w: nothing was deleted", pdx.ErrRefused)
}
