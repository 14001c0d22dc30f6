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
	cmd.Flags().BoolP("yes", "y", false, "")
}

// confirm asks before something that spends or discloses; without a terminal
// and without --yes the answer is no.
func (a *app) confirm(cmd *cobra.Command, question string) error {
	if err := a.rehearse(cmd, question); err != nil {
		return err
	}
	if yes, _ := cmd.Flags().GetBool("yes"); yes {
		return nil
	}
	if !isTerminal(a.in) {
		return a.fail(errUsage, "confirm.no_terminal", "question", question)
	}
	if a.lines == nil {
		a.lines = bufio.NewReader(a.in)
	}
	lines := fold(question+" "+a.t("confirm.choice"), terminalWidth(a.err)-1, 0)
	fmt.Fprint(a.err, strings.Join(lines, "\n")+" ")
	answer, err := a.lines.ReadString('\n')
	if err != nil {
		fmt.Fprintln(a.err) // Ctrl-D leaves the cursor behind the question
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", a.t("confirm.y"), a.t("confirm.yes"):
		return nil
	}
	return a.fail(pdx.ErrRefused, "confirm.refused")
}
