package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
)

// yesFlag adds --yes to a verb that spends or discloses.
func yesFlag(cmd *cobra.Command) {
	cmd.Flags().BoolP("yes", "y", false, "do not ask")
}

// confirm asks before something that spends or discloses; without a terminal
// and without --yes the answer is no.
func (a *app) confirm(cmd *cobra.Command, question string) error {
	if yes, _ := cmd.Flags().GetBool("yes"); yes {
		return nil
	}
	if !isTerminal(a.in) {
		return usagef("%s: nobody is here to ask; say --yes if you agree", question)
	}
	fmt.Fprintf(a.err, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(a.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return fmt.Errorf("nothing was done: you %w", pdx.ErrRefused)
}
