package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
)

func TestAnswers(t *testing.T) {
	w := newWorld(t, echoes)
	d := w.dialer(t)
	for _, text := range []string{"", "hello", string(bytes.Repeat([]byte{'x'}, maxFrame-3))} {
		answer, err := w.ask(t.Context(), d, text)
		require.NoError(t, err)
		require.Equal(t, text, answer)
	}
	w.requireOpen(t, 0)
}

func TestConfig(t *testing.T) {
	good := stream.Config{Host: newHost(t), Service: "test", Kinds: kinds, Handlers: map[protocol.ID]stream.Handler{echo: echoes}}
	for name, spoil := range map[string]func(*stream.Config){
		"host": func(c *stream.Config) { c.Host = nil }, "service": func(c *stream.Config) { c.Service = "" },
		"handlers": func(c *stream.Config) { c.Handlers = nil }, "kinds": func(c *stream.Config) { c.Kinds = stream.Kinds{} },
	} {
		c := good
		spoil(&c)
		_, err := stream.NewServer(c)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}

func TestStartsOnce(t *testing.T) {
	w := newWorld(t, echoes)
	require.ErrorIs(t, w.Start(t.Context()), pdx.ErrWrongState)
	require.NoError(t, w.Stop(t.Context()))
	require.NoError(t, w.Stop(t.Context()))
	require.ErrorIs(t, w.Start(t.Context()), pdx.ErrWrongState)
	_, err := w.ask(t.Context(), w.dialer(t), "hello")
	require.ErrorIs(t, err, errOther)

	never, err := stream.NewServer(stream.Config{
		Host: newHost(t), Service: "test", Kinds: kinds, Handlers: map[protocol.ID]stream.Handler{echo: echoes},
	})
	require.NoError(t, err)
	require.NoError(t, never.Stop(t.Context()))
	require.ErrorIs(t, never.Start(t.Context()), pdx.ErrWrongState)
}

// The first phase: a stream whose request has not come is no work in hand.
func TestStopEndsReading(t *testing.T) {
	w := newWorld(t, echoes)
	d := w.dialer(t)
	silent, half := w.raw(t, d, []byte{9}), w.raw(t, d, []byte{9, 1, 2})
	w.requireOpen(t, 2)
	require.NoError(t, w.Stop(t.Context()), "nothing was cut off")
	requireReset(t, silent, network.StreamShutdown)
	requireReset(t, half, network.StreamShutdown)
}

// The second phase: work in hand is waited for, and nothing new is taken.
func TestStopWaitsForWork(t *testing.T) {
	h := newHolder(t)
	w := newWorld(t, h.handle)
	d := w.dialer(t)
	done := w.hold(t, h, d)
	stopped := make(chan error, 1)
	go func() { stopped <- w.Stop(context.WithoutCancel(t.Context())) }()
	require.Eventually(t, func() bool {
		_, err := w.ask(t.Context(), w.dialer(t), "more")
		return errors.Is(err, errOther) || errors.Is(err, errLost)
	}, patience, time.Millisecond)
	require.Empty(t, stopped)
	h.letGo()
	require.NoError(t, receive(t, done), "the answer came")
	require.NoError(t, receive(t, stopped))
}

// The third phase: what is not done when the context ends is reset and counted.
func TestStopCutsOff(t *testing.T) {
	h := newHolder(t)
	w := newWorld(t, h.handle)
	d := w.dialer(t)
	first, second := w.hold(t, h, d), w.hold(t, h, d)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := w.Stop(ctx)
	var cut *stream.CutError
	require.ErrorAs(t, err, &cut)
	require.Equal(t, stream.CutError{Service: "test.echo", Streams: 2, Cause: context.DeadlineExceeded}, *cut)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "2 streams")
	require.ErrorIs(t, receive(t, first), errLost)
	require.ErrorIs(t, receive(t, second), errLost)
	require.NoError(t, w.Stop(t.Context()), "nothing is left")
}

// A handler that does not even listen to its context does not hold Stop.
func TestStopDoesNotWaitForEver(t *testing.T) {
	in, release := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(context.Context, *stream.Stream) error {
		close(in)
		<-release
		return nil
	})
	w.raw(t, w.dialer(t), []byte{1})
	receive(t, in)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var cut *stream.CutError
	require.ErrorAs(t, w.Stop(ctx), &cut)
	require.Equal(t, 1, cut.StillRunning)
	close(release)
	require.NoError(t, w.Stop(t.Context()))
}

// Work that may be broken off ends when the stop begins.
func TestStopping(t *testing.T) {
	in := make(chan struct{})
	w := newWorld(t, func(_ context.Context, s *stream.Stream) error {
		close(in)
		<-s.Stopping().Done()
		return stream.ErrStopped
	})
	s := w.raw(t, w.dialer(t), []byte{1})
	receive(t, in)
	require.NoError(t, w.Stop(t.Context()))
	requireReset(t, s, network.StreamShutdown)
}

func TestPanicEndsOneStream(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	metrics, err := stream.NewMetrics(registry)
	require.NoError(t, err)
	_, err = stream.NewMetrics(registry)
	require.Error(t, err, "registered already")
	dropped := make(chan error, 10)
	w := newWorld(t, func(ctx context.Context, s *stream.Stream) error {
		var question wrapperspb.StringValue
		if err := s.ReadFrame(&question, patience); err != nil {
			return err
		}
		if question.GetValue() == "boo" {
			panic("boo")
		}
		return s.WriteFrame(&question, patience)
	}, func(c *stream.Config) {
		c.Metrics, c.Limits.Slots = metrics, 1
		c.Dropped = func(err error, _ time.Duration) { dropped <- err }
	})
	d := w.dialer(t)
	for range 3 { // the slot is given back
		_, err = w.ask(t.Context(), d, "boo")
		require.ErrorIs(t, err, errLost)
		require.ErrorIs(t, receive(t, dropped), stream.ErrPanic)
	}
	_, err = w.ask(t.Context(), d, "hello")
	require.NoError(t, err)
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "pdx_stream_dropped_streams_total", families[0].GetName())
	require.Len(t, families[0].GetMetric(), 1)
	require.EqualValues(t, 3, families[0].GetMetric()[0].GetCounter().GetValue())
	labels := families[0].GetMetric()[0].GetLabel()
	require.Equal(t, []string{"panic", "test.echo"}, []string{labels[0].GetValue(), labels[1].GetValue()})
}

func TestPanicOfAClient(t *testing.T) {
	w := newWorld(t, echoes)
	err := w.dialer(t).Do(t.Context(), w.there.ID(), func(*stream.Stream) error { panic("boo") })
	require.ErrorIs(t, err, errLost)
	require.ErrorIs(t, err, stream.ErrPanic)
}

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
		c.Full = func(s *stream.Stream) error { return s.WriteFrame(wrapperspb.String("full"), patience) }
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
		"of one group": {Cost: 2, Rate: stream.Rate{Burst: 7}, Groups: 8},
		"in all":       {Cost: 2, TotalRate: stream.Rate{Burst: 7}},
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
	w := newWorld(t, func(_ context.Context, s *stream.Stream) error {
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
		c.Limits.Cost, c.Limits.Rate, c.Limits.Groups = 1, stream.Rate{Burst: 2, Debt: 1}, 8
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

func TestMalformedFrames(t *testing.T) {
	w := newWorld(t, echoes)
	d := w.dialer(t)
	for name, frame := range map[string][]byte{
		"too long": binary.AppendUvarint(nil, maxFrame+1), "huge": binary.AppendUvarint(nil, 1<<40),
		"not minimal": {0x82, 0x00, 8, 1}, "long and not minimal": {0x80, 0x80, 0x80, 0x80, 0x80, 0x00},
		"no length": bytes.Repeat([]byte{0xff}, 20), "no protobuf": {3, 0xff, 0xff, 0xff},
	} {
		t.Run(name, func(t *testing.T) { requireReset(t, w.raw(t, d, frame), network.StreamProtocolViolation) })
	}
	_, err := w.ask(t.Context(), d, "hello")
	require.NoError(t, err, "others are served")
}

func TestMalformedAnswers(t *testing.T) {
	w := newWorld(t, func(_ context.Context, s *stream.Stream) error {
		_, err := s.Write([]byte{0x82, 0x00, 8, 1})
		return err
	})
	_, err := w.ask(t.Context(), w.dialer(t), "hello")
	require.ErrorIs(t, err, errFrame)
}

func TestSlowReaderAndWriter(t *testing.T) {
	const short = 50 * time.Millisecond
	ended := make(chan error, 2)
	w := newWorld(t, func(_ context.Context, s *stream.Stream) error {
		var question wrapperspb.StringValue
		err := s.ReadFrame(&question, short)
		for text := wrapperspb.String(string(make([]byte, 1<<20))); err == nil; {
			err = s.WriteFrame(text, short) // until the windows are full
		}
		ended <- err
		return err
	})
	d := w.dialer(t)
	requireReset(t, w.raw(t, d, []byte{9, 1}), network.StreamResourceLimitExceeded)
	require.True(t, stream.IsSlow(receive(t, ended)))

	lazy := w.raw(t, d, []byte{0})
	require.True(t, stream.IsSlow(receive(t, ended)))
	w.requireOpen(t, 0)
	requireReset(t, lazy, network.StreamResourceLimitExceeded)
}

// What the protocol has a code for reaches the peer as what it is.
func TestKinds(t *testing.T) {
	w := newWorld(t, func(context.Context, *stream.Stream) error { return fmt.Errorf("no: %w", errRefused) })
	d := w.dialer(t)
	_, err := w.ask(t.Context(), d, "hello")
	require.ErrorIs(t, err, errRefused)
	require.NotErrorIs(t, err, errLost)

	d.Protocol = "/test/other/1"
	_, err = w.ask(t.Context(), d, "hello")
	require.ErrorIs(t, err, errOther)

	err = d.Do(t.Context(), newHost(t).ID(), func(*stream.Stream) error { return nil })
	require.ErrorIs(t, err, errLost, "no address is known")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.ask(ctx, d, "hello")
	require.ErrorIs(t, err, errLost)
	require.ErrorIs(t, err, context.Canceled)

	mine := errors.New("test: the caller's own")
	d.Protocol = echo
	require.ErrorIs(t, d.Do(t.Context(), w.there.ID(), func(*stream.Stream) error { return mine }), mine)
}

type key struct{}

// Handlers learn the account of a peer, and the values of Start's context but not its
// end.
func TestAccounts(t *testing.T) {
	there, ctx := newHost(t), context.WithValue(t.Context(), key{}, "value")
	ctx, cancel := context.WithCancel(ctx)
	known := newHost(t)
	server, err := stream.NewServer(stream.Config{
		Host: there, Service: "test", Kinds: kinds, Limits: stream.Limits{Frame: maxFrame},
		Account: func(ctx context.Context, id peer.ID) (pdx.Address, error) {
			if id != known.ID() || ctx.Value(key{}) != "value" {
				return "", errRefused
			}
			return "panacea1known", nil
		},
		Handlers: map[protocol.ID]stream.Handler{echo: func(ctx context.Context, s *stream.Stream) error {
			account, err := s.Account(ctx)
			if err != nil {
				return err
			}
			return s.WriteFrame(wrapperspb.String(string(account)), patience)
		}},
	})
	require.NoError(t, err)
	require.NoError(t, server.Start(ctx))
	defer func() { require.NoError(t, server.Stop(t.Context())) }()
	cancel()
	w := &world{Server: server, there: there}
	d := stream.Dialer{Host: known, Service: "test", Protocol: echo, Frame: maxFrame, Kinds: kinds}
	known.Peerstore().AddAddrs(there.ID(), there.Addrs(), peerstore.PermanentAddrTTL)
	answer, err := w.ask(t.Context(), d, "hello")
	require.NoError(t, err)
	require.Equal(t, "panacea1known", answer)
	_, err = w.ask(t.Context(), w.dialer(t), "hello")
	require.ErrorIs(t, err, errRefused, "a stranger")
}
