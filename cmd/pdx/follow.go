package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// followSale shows a sale's steps until it ends.
func (a *app) followSale(ctx context.Context, client api.Client, id string) error {
	said := ""
	return a.watch(ctx, client, 0, func(e *nodepb.WatchResponse) (bool, error) {
		s := e.GetSale()
		if s == nil || s.Id != id {
			return false, nil
		}
		text := saleText(s)
		if text != said {
			if err := a.step(s, text); err != nil {
				return true, err
			}
			said = text
		}
		return endOf(s.State, s.Reason)
	})
}

func saleText(s *nodepb.Sale) string {
	text := s.State
	if s.DealId > 0 {
		text = fmt.Sprintf("deal %d %s", s.DealId, s.State)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	for _, c := range s.Checks {
		text += fmt.Sprintf("\n  %s %s", short(c.Validator), c.Stage)
		if c.Message != "" {
			text += ": " + c.Message
		}
		for _, f := range c.Findings {
			text += "\n    " + findingText(f)
		}
	}
	return text
}

// watch calls handle for every change until it says done.
func (a *app) watch(ctx context.Context, client api.Client, pool uint64, handle func(*nodepb.WatchResponse) (done bool, err error)) error {
	stream, err := client.Watch(ctx, &nodepb.WatchRequest{PoolId: pool})
	if err != nil {
		return api.FromStatus(err)
	}
	defer stream.Close()
	for stream.Receive() {
		if done, err := handle(stream.Msg()); done || err != nil {
			return err
		}
	}
	if err := stream.Err(); err != nil {
		return api.FromStatus(err)
	}
	return fmt.Errorf("the daemon ended the stream: %w", pdx.ErrUnavailable)
}

// step prints one change: a line of JSON or text.
func (a *app) step(change proto.Message, text string) error {
	return a.show(change, func(w io.Writer) { fmt.Fprintln(w, text) })
}

// endOf tells whether a state ends the following, and how.
func endOf(state, reason string) (bool, error) {
	switch pdx.DealState(state) {
	case pdx.DealFinal:
		return true, nil
	case pdx.DealLapsed, pdx.DealUnacked, pdx.DealUndelivered, pdx.DealFraud, "failed":
		return true, fmt.Errorf("%w: it ended as %s", pdx.ErrRefused, strings.TrimSuffix(state+": "+reason, ": "))
	}
	return false, nil
}
