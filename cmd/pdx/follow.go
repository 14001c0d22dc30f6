package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// followTick is how often a follower looks at what no change tells.
const followTick = 2 * time.Second

// follower is told every change until it says done.
type follower interface {
	change(e *nodepb.WatchResponse) (done bool, err error)
	// tick is called at the start and every followTick.
	tick(ctx context.Context) (done bool, err error)
}

// watch follows the daemon's changes in a pool, or in all, until f is done.
func (a *app) watch(ctx context.Context, client api.Client, pool uint64, f follower) error {
	streaming, cancel := context.WithCancel(ctx)
	stream, err := client.Watch(streaming, &nodepb.WatchRequest{PoolId: pool})
	if err != nil {
		cancel()
		return a.streamEnd(ctx, err)
	}
	changes, ended := make(chan *nodepb.WatchResponse), make(chan error, 1)
	go func() {
		for stream.Receive() {
			select {
			case changes <- stream.Msg():
			case <-streaming.Done():
			}
		}
		ended <- errors.Join(stream.Err(), stream.Close())
		close(ended)
	}()
	defer func() {
		cancel()
		for range ended { // the goroutine ends before this does
		}
	}()
	a.note("Ctrl-C ends the following; the daemon goes on.")
	ticker := time.NewTicker(followTick)
	defer ticker.Stop()
	done, err := f.tick(ctx)
	for !done && err == nil {
		select {
		case e := <-changes:
			done, err = f.change(e)
		case <-ticker.C:
			done, err = f.tick(ctx)
		case err := <-ended:
			return a.streamEnd(ctx, err)
		}
	}
	if ctx.Err() != nil {
		return a.streamEnd(ctx, err)
	}
	return err
}

// streamEnd says why a stream that nobody ended is over.
func (a *app) streamEnd(ctx context.Context, err error) error {
	err = api.FromStatus(err)
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; the daemon goes on")
	case err != nil && !errors.Is(err, pdx.ErrUnavailable):
		return err
	}
	return fmt.Errorf("the daemon stopped: %w: start it again with '%s' and it goes on where it was", pdx.ErrUnavailable, a.verb("daemon"))
}

// note tells a person at a terminal something that no script wants.
func (a *app) note(text string) {
	if !a.json && isTerminal(a.err) {
		fmt.Fprintln(a.err, text)
	}
}

// step prints one change: a line of JSON or text.
func (a *app) step(change proto.Message, text string) error {
	return a.show(change, func(w io.Writer) { fmt.Fprintln(w, text) })
}

// endOf reports whether a state ends the following, and how.
func endOf(state, reason string) (bool, error) {
	switch pdx.DealState(state) {
	case pdx.DealFinal:
		return true, nil
	case pdx.DealLapsed, pdx.DealUnacked, pdx.DealUndelivered, pdx.DealFraud, "failed":
		return true, fmt.Errorf("%w: it ended as %s", pdx.ErrRefused, strings.TrimSuffix(state+": "+reason, ": "))
	}
	return false, nil
}
