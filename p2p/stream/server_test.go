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

func TestPanicEndsOneStream(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	metrics, err := stream.NewMetrics(registry)
	require.NoError(t, err)
	_, err = stream.NewMetrics(registry)
	require.Error(t, err, "registered already")
	dropped := make(chan error, 10)
	w := newWorld(t, func(ctx context.Context, s *stream.ServerStream) error {
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
	w := newWorld(t, func(_ context.Context, s *stream.ServerStream) error {
		_, err := s.Write([]byte{0x82, 0x00, 8, 1})
		return err
	})
	_, err := w.ask(t.Context(), w.dialer(t), "hello")
	require.ErrorIs(t, err, errFrame)
}

func TestSlowReaderAndWriter(t *testing.T) {
	const short = 50 * time.Millisecond
	ended := make(chan error, 2)
	w := newWorld(t, func(_ context.Context, s *stream.ServerStream) error {
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
	w := newWorld(t, func(context.Context, *stream.ServerStream) error { return fmt.Errorf("no: %w", errRefused) })
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
		Handlers: map[protocol.ID]stream.Handler{echo: func(ctx context.Context, s *stream.ServerStream) error {
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
