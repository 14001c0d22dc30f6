package stream_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/stream"
)

func TestSlots(t *testing.T) {
	for name, c := range map[string]struct {
		limits       stream.Limits
		same, others int // streams of one peer that fit, and then of other peers of its address
	}{
		"in all":       {stream.Limits{Slots: 3}, 3, 0},
		"of one peer":  {stream.Limits{PerPeer: 2}, 2, 2},
		"of one group": {stream.Limits{PerGroup: 3, PerPeer: 2}, 2, 1},
		"of peers":     {stream.Limits{Peers: 2, PerPeer: 2}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHolder(t)
			w := newWorld(t, h.handle, func(conf *stream.Config) { conf.Limits = c.limits; conf.Limits.Frame = maxFrame })
			first, second := w.dialer(t), w.dialer(t)
			var done []<-chan error
			for range c.same {
				done = append(done, w.hold(t, h, first))
			}
			_, err := w.ask(t.Context(), first, "more")
			require.ErrorIs(t, err, errBusy)
			for range c.others {
				done = append(done, w.hold(t, h, second))
			}
			if name != "of one peer" { // which bounds no others
				_, err = w.ask(t.Context(), w.dialer(t), "more")
				require.ErrorIs(t, err, errBusy)
			}
			h.letGo()
			for _, d := range done {
				require.NoError(t, receive(t, d))
			}
			w.requireOpen(t, 0)
			_, err = w.ask(t.Context(), first, "again")
			require.NoError(t, err)
		})
	}
}

func TestFullInTheProtocolsWords(t *testing.T) {
	h := newHolder(t)
	w := newWorld(t, h.handle, func(c *stream.Config) {
		c.Limits.Slots = 1
		c.Full = func(s *stream.ServerStream) error { return s.WriteFrame(wrapperspb.String("full"), patience) }
	})
	done := w.hold(t, h, w.dialer(t))
	answer, err := w.ask(t.Context(), w.dialer(t), "more")
	require.NoError(t, err)
	require.Equal(t, "full", answer)
	h.letGo()
	require.NoError(t, receive(t, done))
}

func TestRates(t *testing.T) {
	for name, limits := range map[string]stream.Limits{
		"of one group": {Cost: 2, Rate: ratelimit.Rate{Burst: 7}, Groups: 8},
		"in all":       {Cost: 2, TotalRate: ratelimit.Rate{Burst: 7}},
	} {
		t.Run(name, func(t *testing.T) {
			limits.Frame = maxFrame
			w := newWorld(t, echoes, func(c *stream.Config) { c.Limits = limits })
			for range 3 { // other peers of an address have its tokens
				_, err := w.ask(t.Context(), w.dialer(t), "hello")
				require.NoError(t, err)
			}
			_, err := w.ask(t.Context(), w.dialer(t), "hello")
			require.ErrorIs(t, err, errBusy)
		})
	}
}

// A handler charges for what it did, and gives tokens back.
func TestTokensOfAHandler(t *testing.T) {
	w := newWorld(t, func(_ context.Context, s *stream.ServerStream) error {
		s.Charge(2)
		if s.Allow(1) {
			return errors.New("test: there was a token")
		}
		s.Charge(-3)
		if !s.Allow(2) || s.Allow(1) {
			return errors.New("test: there were not two tokens")
		}
		return s.WriteFrame(wrapperspb.String("ok"), patience)
	}, func(c *stream.Config) {
		c.Limits.Cost, c.Limits.Rate, c.Limits.Groups = 1, ratelimit.Rate{Burst: 2, Debt: 1}, 8
	})
	answer, err := w.ask(t.Context(), w.dialer(t), "hello")
	require.NoError(t, err)
	require.Equal(t, "ok", answer)
}

func TestMemory(t *testing.T) {
	w := newWorld(t, echoes, func(c *stream.Config) { c.Limits.Memory = 1 << 50 })
	_, err := w.ask(t.Context(), w.dialer(t), "hello")
	require.ErrorIs(t, err, errBusy)
	d := w.dialer(t)
	d.Memory = 1 << 50
	_, err = w.ask(t.Context(), d, "hello")
	require.ErrorIs(t, err, errBusy)
	require.ErrorIs(t, err, stream.ErrNoMemory)
}
