package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
)

// exits says for each kind of failure how the process ends. Scripts depend on
// these numbers: they are never changed.
var exits = []struct {
	sentinel error
	code     int
	kind     string
	means    string
}{
	{errUsage, 2, "usage", "the command line is wrong: see --help"},
	{pdx.ErrInvalid, 3, "invalid", "a value, a file or a message is wrong; the same input fails again"},
	{pdx.ErrNotFound, 4, "not_found", "the named thing does not exist"},
	{pdx.ErrNoFunds, 5, "no_funds", "the account cannot pay"},
	{pdx.ErrWrongState, 6, "wrong_state", "the thing is not in the state for this step"},
	{pdx.ErrUnavailable, 7, "unavailable", "the daemon, the chain or a peer cannot be reached; try again"},
	{pdx.ErrRefused, 8, "refused", "the other side said no, or you did"},
	{pdx.ErrCorrupt, 9, "corrupt", "bytes are not what they should be"},
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
func (a *app) finish(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	var passed passedOn
	if errors.As(err, &passed) {
		return int(passed)
	}
	code, kind := exitFailed, "failed"
	if ctx.Err() != nil {
		code, kind = exitInterrupted, "interrupted"
	} else {
		for _, e := range exits {
			if errors.Is(err, e.sentinel) {
				code, kind = e.code, e.kind
				break
			}
		}
	}
	if a.json {
		text, _ := json.Marshal(map[string]any{"error": err.Error(), "kind": kind, "exit_code": code})
		fmt.Fprintln(a.err, string(text))
	} else {
		fmt.Fprintf(a.err, "pdx: %v\n", err)
	}
	return code
}

// exitCodes is a help topic.
func exitCodes() *cobra.Command {
	text := "0    done\n1    failed for another reason\n"
	for _, e := range exits {
		text += fmt.Sprintf("%-4d %s: %s\n", e.code, e.kind, e.means)
	}
	text += fmt.Sprintf("%d  interrupted\n", exitInterrupted)
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: "How pdx ends:\n\n" + text}
}
