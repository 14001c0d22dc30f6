package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// followTick is how often a follower polls what no change announces.
const followTick = 2 * time.Second

// follower is told every change until it says done.
type follower interface {
	change(e *nodepb.WatchResponse) (done bool, err error)
	// tick is called at the start and every followTick.
	tick(ctx context.Context) (done bool, err error)
}

// watch follows the daemon's changes in a pool, or in all, until f is done, and says how to end that.
func (a *app) watch(ctx context.Context, client api.Client, pool uint64, f follower) error {
	a.note("follow.note")
	return a.changes(ctx, client, pool, f)
}

// changes follows the daemon's changes in a pool, or in all, until f is done.
func (a *app) changes(ctx context.Context, client api.Client, pool uint64, f follower) error {
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
		return a.fail(ctx.Err(), "follow.interrupted")
	case err != nil && !errors.Is(err, pdx.ErrUnavailable):
		return err
	}
	return a.fail(pdx.ErrUnavailable, "follow.daemon_stopped", "command", a.verb("daemon"))
}

// step prints one change: a line of JSON or text.
func (a *app) step(change proto.Message, text string) error {
	return a.show(change, func(p printer) { fmt.Fprintln(p.w, text) })
}

// endOf reports whether a deal has ended with a state, and with which failure.
func (a *app) endOf(deal uint64, state, reason string) (bool, error) {
	switch pdx.DealState(state) {
	case pdx.DealFinal:
		return true, nil
	case pdx.DealLapsed, pdx.DealUnacked, pdx.DealUndelivered, pdx.DealFraud, "failed":
		return true, a.ended(deal, state, reason)
	}
	return false, nil
}

// ended is the failure of a deal, or of a sale that has no deal yet.
func (a *app) ended(deal uint64, state, reason string) error {
	return &failure{text: a.printer(a.err).reached(deal, state, reason), kind: pdx.ErrRefused}
}

// reached says which state a deal, or a sale that has no deal yet, is in, and why.
func (p printer) reached(deal uint64, state, reason string) string {
	text := p.t("sale.reached", "state", p.state(state))
	if deal > 0 {
		text = p.t("deal.reached", "deal", deal, "state", p.state(state))
	}
	if reason != "" {
		text = p.t("deal.because", "text", text, "reason", reason)
	}
	return text
}
