package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
)

// exits says for each kind of failure how the process ends. The numbers are
// those of pdx; scripts depend on them and they are never changed.
var exits = []struct {
	sentinel error
	code     int
	means    string
}{
	{errUsage, 2, "the command line is wrong; see --help"},
	{pdx.ErrInvalid, 3, "a value is wrong; the same input fails again"},
	{pdx.ErrNotFound, 4, "there is no chain in the home"},
	{pdx.ErrNoFunds, 5, "the account cannot pay"},
	{pdx.ErrWrongState, 6, "the chain is running, or exists already"},
	{pdx.ErrUnavailable, 7, "the chain is not running, or a port is taken"},
	{pdx.ErrRefused, 8, "the chain refused, or you did"},
	{pdx.ErrCorrupt, 9, "files of the home are missing or damaged"},
}

const (
	exitFailed      = 1
	exitInterrupted = 130
)

var errUsage = errors.New("usage")

func usagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// finish reports an error, if there is one, and says how to exit.
func (c *cli) finish(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(c.err, "pdx-localnet: %v\n", err)
	if hint := c.hint(err); hint != "" {
		fmt.Fprintf(c.err, "  %s\n", hint)
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	for _, e := range exits {
		if errors.Is(err, e.sentinel) {
			return e.code
		}
	}
	return exitFailed
}

// exitCodes is a help topic.
func exitCodes() *cobra.Command {
	text := "How pdx-localnet ends:\n\n0    done; for start: stopped by a signal\n1    failed for another reason\n"
	for _, e := range exits {
		text += fmt.Sprintf("%-4d %s\n", e.code, e.means)
	}
	text += fmt.Sprintf("%d  interrupted\n", exitInterrupted)
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: text}
}
