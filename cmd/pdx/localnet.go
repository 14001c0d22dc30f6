package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/endpoints"
	"github.com/medibloc/pdx/internal/lifecycle"
)

// localnetPoll keeps up with a localnet's fast blocks.
const localnetPoll = 250 * time.Millisecond

// localnetTrust lets a localnet that was stopped for long go on: the keys that sign
// its blocks lie on this machine, and no stake behind them ever unbonds.
const localnetTrust = 10 * 365 * 24 * time.Hour

// Waits for a chain that was started just before and has no block yet.
const (
	// localnetStart is for a chain whose folder exists: it makes its first block within
	// seconds, also on a busy machine.
	localnetStart = 20 * time.Second
	// localnetProgram is for a program that has not made the folder yet.
	localnetProgram = 3 * time.Second
	localnetTick    = 100 * time.Millisecond
)

// awaitLocalnet returns the endpoints once the chain in a folder has its first block.
func (a *app) awaitLocalnet(ctx context.Context, folder string) (endpoints.Endpoints, error) {
	begun := time.Now()
	for said := false; ; said = true {
		ends, err := a.localnetEndpoints(folder)
		wait := localnetStart
		if _, missing := os.Stat(folder); missing != nil {
			wait = localnetProgram
		}
		if !errors.Is(err, pdx.ErrNotFound) || time.Since(begun) >= wait {
			return ends, err
		}
		if !said {
			a.note("localnet.waiting", "folder", folder)
		}
		if err := lifecycle.Sleep(ctx, localnetTick); err != nil {
			return ends, err
		}
	}
}

func (a *app) localnetEndpoints(folder string) (endpoints.Endpoints, error) {
	var ends endpoints.Endpoints
	name := filepath.Join(folder, endpoints.File)
	raw, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return ends, a.fail(pdx.ErrNotFound, "localnet.none", "file", name, "folder", folder)
	}
	if err != nil {
		return ends, err
	}
	return ends, a.decodeJSON(a.t("file.endpoints"), name, raw, &ends)
}

// localnetCommand hands everything to the pdx-localnet that lies beside this binary.
func (a *app) localnetCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "localnet VERB",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			binary, err := a.siblingBinary("pdx-localnet")
			if err != nil {
				return err
			}
			return a.passOn(cmd.Context(), binary, args)
		},
	}
}

// siblingBinary finds a program of this release beside this one, else on the path.
func (a *app) siblingBinary(name string) (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return "", a.fail(pdx.ErrNotFound, "localnet.no_program", "program", name)
	}
	return found, nil
}

// passOn runs a program in this one's place; an interrupt reaches it by itself.
func (a *app) passOn(ctx context.Context, binary string, args []string) error {
	child := exec.CommandContext(ctx, binary, args...)
	child.Stdin, child.Stdout, child.Stderr = a.in, raw(a.out), raw(a.err)
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	child.WaitDelay = 10 * time.Second
	err := child.Run()
	if child.ProcessState != nil && child.ProcessState.Exited() {
		return passedOn(child.ProcessState.ExitCode()) // 0 too, of one that was interrupted and ended well
	}
	return err
}

// passedOn is the exit code of a program that has reported by itself.
type passedOn int

func (p passedOn) Error() string { return strconv.Itoa(int(p)) }
