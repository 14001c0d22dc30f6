package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/home"
)

const (
	// stopPatience is longer than all parts of a node take that stop one after the other.
	stopPatience = 2 * time.Minute
	// stopPoll is how often it is tried whether the home is free.
	stopPoll = 50 * time.Millisecond
)

func (a *app) stopCommand() *cobra.Command {
	var patience time.Duration
	cmd := &cobra.Command{
		Use: "stop", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.stop(cmd.Context(), patience) },
	}
	cmd.Flags().DurationVar(&patience, "timeout", stopPatience, "")
	return cmd
}

// stop ends the daemon and waits until its home is free. That none runs is no failure.
func (a *app) stop(ctx context.Context, patience time.Duration) error {
	if err := a.initialised(); err != nil {
		return err
	}
	client, err := a.client(ctx)
	if errors.Is(err, pdx.ErrUnavailable) {
		used, lockErr := home.InUse(a.home)
		if lockErr != nil || used { // it starts, or listens elsewhere, or stops already
			return errors.Join(lockErr, a.fail(pdx.ErrUnavailable, "stop.silent", "home", a.home, "cause", err))
		}
		return a.showStopped(false)
	}
	if err != nil {
		return err
	}
	if _, err := client.Stop(ctx, &nodepb.StopRequest{}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		used, err := home.InUse(a.home)
		if err != nil {
			return err
		}
		if !used {
			return a.showStopped(true)
		}
		if lifecycle.Sleep(ctx, stopPoll) != nil {
			return a.fail(pdx.ErrUnavailable, "stop.late", "home", a.home, "time", a.printer(a.out).duration(patience))
		}
	}
}

func (a *app) showStopped(ran bool) error {
	if a.json {
		return a.line(map[string]any{"home": a.home, "was_running": ran})
	}
	if ran {
		a.printer(a.out).say("stop.stopped")
	} else {
		a.printer(a.out).say("stop.not_running")
	}
	return nil
}
