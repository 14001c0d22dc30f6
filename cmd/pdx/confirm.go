package main

import (
	"bufio"
	"fmt"
	"io"
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
	answer, _ := a.answer(question + " " + a.t("confirm.choice")) // none is a no
	switch strings.ToLower(answer) {
	case "y", "yes", a.t("confirm.y"), a.t("confirm.yes"):
		return nil
	}
	return a.fail(pdx.ErrRefused, "confirm.refused")
}

// answer asks a question at the terminal and reads a line; io.EOF is that there is none.
func (a *app) answer(question string) (string, error) {
	if a.lines == nil {
		a.lines = bufio.NewReader(a.in)
	}
	fmt.Fprint(a.err, strings.Join(fold(question, terminalWidth(a.err)-1, 0), "\n")+" ")
	text, err := a.lines.ReadString('\n')
	if err != nil {
		fmt.Fprintln(a.err) // Ctrl-D leaves the cursor behind the question
		return "", io.EOF
	}
	return strings.TrimSpace(text), nil
}
