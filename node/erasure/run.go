package erasure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// try is when a request was last sent, and how often in a row.
type try struct {
	at    time.Time
	times int
}

// Run sends the open requests of this seller, and closes requests that lapse, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	for now := false; ctx.Err() == nil; { // now: a person asked for a request to be sent again
		wait, err := s.round(ctx, now)
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "requests for erasure wait", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
		case <-s.news:
			now = true
		case <-time.After(wait):
			now = false
		}
	}
}

// round handles each open request once, and returns the pause until the next round.
func (s *Service) round(ctx context.Context, all bool) (time.Duration, error) {
	open, err := s.Table.Find(ctx, "Open", true)
	if err != nil {
		return tick, err
	}
	wait, tries, slots := tick, map[string]try{}, make(chan struct{}, senders)
	var sent sync.WaitGroup
	for _, e := range open {
		key := keyFor(e)
		if e.State(s.Now()) == model.ErasureLapsed {
			err = errors.Join(err, s.close(ctx, key))
			continue
		}
		if e.Role != pdx.RoleSeller {
			continue
		}
		last := s.tries[key]
		if due := time.Until(last.at.Add(pause(e, last))); !last.at.IsZero() && due > 0 && !all {
			tries[key], wait = last, min(wait, due)
			continue
		}
		tries[key] = try{time.Now(), last.times + 1}
		wait = min(wait, pause(e, tries[key]))
		slots <- struct{}{}
		sent.Go(func() {
			defer func() { <-slots }()
			s.send(ctx, e)
		})
	}
	sent.Wait()
	s.tries = tries
	return max(wait, time.Second), err
}

// pause is how long a request rests before it is sent again.
func pause(e model.Erasure, last try) time.Duration {
	if !e.Reached.IsZero() {
		return resend.Most
	}
	return resend.After(max(last.times-1, 0))
}

// close ends a request that has lapsed.
func (s *Service) close(ctx context.Context, key string) error {
	return s.change(ctx, key, func(e *model.Erasure) { e.Open = false })
}

// send sends a request once and records what came of it.
func (s *Service) send(ctx context.Context, e model.Erasure) {
	answer, err := s.Sender.Send(ctx, e, requestOf(e))
	if err == nil && answer != nil {
		if err = s.answerOf(e, *answer).Verify(); err != nil {
			err = fmt.Errorf("%w: %w", ErrProtocol, err)
		}
	}
	if ctx.Err() != nil {
		return
	}
	now := s.Now().UTC()
	err = s.change(ctx, keyFor(e), func(e *model.Erasure) {
		if e.Trouble = ""; err != nil {
			e.Trouble = err.Error()
			return
		}
		if e.Reached.IsZero() {
			e.Reached = now
		}
		if answer != nil {
			e.Answer, e.Open = answer, false
		}
	})
	if err != nil && ctx.Err() == nil {
		s.Log.WarnContext(
			ctx,
			"the answer to a request for erasure is not recorded",
			slog.Uint64("deal_id", uint64(e.Deal)),
			slog.Any("error", err),
		)
	}
}

// change changes the record of a request that is open.
func (s *Service) change(ctx context.Context, key string, change func(*model.Erasure)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.Table.Update(ctx, key, func(e model.Erasure) (model.Erasure, error) {
		if e.Open {
			change(&e)
		}
		return e, nil
	})
	return err
}
