package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/store"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// errUsage is the kind of an error in the command line.
var errUsage = errors.New("usage")

// kindOf returns the name of a kind of failure, and how the process ends with it.
func kindOf(ctx context.Context, err error) (name string, exit int) {
	if ctx.Err() != nil {
		return "interrupted", exitInterrupted
	}
	if errors.Is(err, errUsage) {
		return "usage", exitUsage
	}
	if kind, ok := api.KindOf(err); ok {
		return kind.Name, kind.Exit
	}
	return "failed", exitFailed
}

// finish reports an error, if there is one, and says how to exit. An error that is
// not in the words of the catalogue gets the cure of its kind.
func (a *app) finish(ctx context.Context, err error) int {
	if err == nil || errors.Is(err, errRehearsed) {
		return 0
	}
	var passed passedOn
	if errors.As(err, &passed) {
		return int(passed)
	}
	kind, code := kindOf(ctx, err)
	cure := a.cureOf(kind, err)
	if a.json {
		report, _ := json.Marshal(map[string]any{"error": clean(err.Error()), "kind": kind, "cure": cure, "exit_code": code})
		fmt.Fprintln(a.err, string(text.EscapeJSON(report)))
		return code
	}
	inStyle(a.err, red, func() { printFolded(a.err, "pdx: "+clean(err.Error()), len("pdx: ")) })
	if cure != "" {
		printFolded(a.err, "     "+cure, len("pdx: "))
	}
	return code
}

// cureOf says what to do about an error of a kind; the catalogue's own errors say it
// themselves.
func (a *app) cureOf(kind string, err error) string {
	own := new(failure)
	switch {
	case errors.As(err, &own):
		return ""
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, store.ErrFull):
		return a.t("error.disk_full.cure")
	case errors.Is(err, syscall.EROFS) || errors.Is(err, store.ErrReadOnly):
		return a.t("error.read_only.cure")
	case kind == "failed" && !api.FromDaemon(err):
		return "" // the daemon's log knows nothing of it
	}
	return a.optional("error." + kind + ".cure")
}

// exitCodes is a help topic.
func (a *app) exitCodes() *cobra.Command { return &cobra.Command{Use: "exit-codes"} }

// exitCodesText explains how pdx ends.
func (a *app) exitCodesText() string {
	text := a.t("exit.head") + "\n\n"
	line := func(code int, kind string) {
		name := kind + ": "
		if code == 0 || code == exitFailed || code == exitInterrupted {
			name = ""
		}
		text += fmt.Sprintf("%-4d %s%s\n", code, name, nameOf(a.texts, "exit.", kind))
	}
	line(0, "done")
	line(exitFailed, "failed")
	line(exitUsage, "usage")
	byExit := func(a, b api.Kind) int { return a.Exit - b.Exit }
	for _, kind := range slices.SortedFunc(slices.Values(api.Kinds()), byExit) {
		line(kind.Exit, kind.Name)
	}
	line(exitInterrupted, "interrupted")
	return text
}
