package stream_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/medibloc/pdx/p2p/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	echo     = protocol.ID("/test/echo/1")
	maxFrame = 1 << 10
	patience = 20 * time.Second
)

var (
	errFrame   = errors.New("test: broken protocol")
	errOther   = errors.New("test: speaks another protocol")
	errBusy    = errors.New("test: busy")
	errLost    = errors.New("test: lost")
	errRefused = errors.New("test: refused")

	kinds = stream.Kinds{
		Frame: errFrame, Unsupported: errOther, Busy: errBusy, Lost: errLost,
		Codes: []stream.Code{{Err: errRefused, Reset: 0x7e57_0001}},
	}
)

func newHost(t *testing.T) host.Host {
	t.Helper()
	h, err := libp2p.New(
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay(), libp2p.DisableMetrics(),
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// world is a server and hosts that know it.
type world struct {
	*stream.Server
	there host.Host
}

// newWorld starts a server whose configuration may be changed first.
func newWorld(t *testing.T, handle stream.Handler, change ...func(*stream.Config)) *world {
	t.Helper()
	w := &world{there: newHost(t)}
	c := stream.Config{
		Host: w.there, Service: "test.echo", Handlers: map[protocol.ID]stream.Handler{echo: handle}, Kinds: kinds,
		Limits: stream.Limits{Frame: maxFrame, Memory: maxFrame},
	}
	for _, f := range change {
		f(&c)
	}
	var err error
	w.Server, err = stream.NewServer(c)
	require.NoError(t, err)
	require.NoError(t, w.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // streams that a test left behind are cut off
		var cut *stream.CutError
		if err := w.Stop(ctx); errors.As(err, &cut) {
			require.Zero(t, cut.StillRunning)
		}
	})
	return w
}

// dialer is a client on a host of its own.
func (w *world) dialer(t *testing.T) stream.Dialer {
	t.Helper()
	h := newHost(t)
	h.Peerstore().AddAddrs(w.there.ID(), w.there.Addrs(), peerstore.PermanentAddrTTL)
	return stream.Dialer{Host: h, Service: "test.echo", Protocol: echo, Frame: maxFrame, Memory: maxFrame, Kinds: kinds}
}

// ask sends text and returns the answer.
func (w *world) ask(ctx context.Context, d stream.Dialer, text string) (string, error) {
	var answer wrapperspb.StringValue
	err := d.Do(ctx, w.there.ID(), func(s *stream.Stream) error {
		if err := s.WriteFrame(wrapperspb.String(text), patience); err != nil {
			return err
		}
		return s.ReadFrame(&answer, patience)
	})
	return answer.GetValue(), err
}

// raw opens a stream that says what the test has it say.
func (w *world) raw(t *testing.T, d stream.Dialer, says []byte) network.Stream {
	t.Helper()
	s, err := d.Host.NewStream(t.Context(), w.there.ID(), echo)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Reset() })
	require.NoError(t, s.SetDeadline(time.Now().Add(patience)))
	_, err = s.Write(says)
	require.NoError(t, err)
	return s
}

// requireReset reads until the stream is reset with the code.
func requireReset(t *testing.T, s network.Stream, code network.StreamErrorCode) {
	t.Helper()
	var err error
	for buffer := make([]byte, 1<<10); err == nil; {
		_, err = s.Read(buffer)
	}
	var reset *network.StreamError
	require.ErrorAs(t, err, &reset)
	require.Equal(t, code, reset.ErrorCode)
}

func (w *world) requireOpen(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return w.Open() == n }, patience, time.Millisecond, "%d open streams", n)
}

// echoes is a handler that answers one frame with the same.
func echoes(_ context.Context, s *stream.ServerStream) error {
	var question wrapperspb.StringValue
	if err := s.ReadFrame(&question, patience); err != nil {
		return err
	}
	return s.WriteFrame(wrapperspb.String(question.GetValue()), patience)
}

// holder is a handler whose streams say one word, and are held until they are let go.
type holder struct {
	in      chan string
	release chan struct{}
}

func newHolder(t *testing.T) *holder {
	h := &holder{in: make(chan string, 100), release: make(chan struct{})}
	t.Cleanup(h.letGo)
	return h
}

func (h *holder) letGo() {
	select {
	case <-h.release:
	default:
		close(h.release)
	}
}

func (h *holder) handle(ctx context.Context, s *stream.ServerStream) error {
	var question wrapperspb.StringValue
	if err := s.ReadFrame(&question, patience); err != nil {
		return err
	}
	h.in <- question.GetValue()
	select {
	case <-h.release:
		return s.WriteFrame(&question, patience)
	case <-ctx.Done():
		return fmt.Errorf("cut off: %w", ctx.Err())
	}
}

// hold asks from a goroutine, and returns when the server works on it.
func (w *world) hold(t *testing.T, h *holder, d stream.Dialer) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := w.ask(context.WithoutCancel(t.Context()), d, "hold")
		done <- err
	}()
	require.Equal(t, "hold", receive(t, h.in))
	return done
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.Fail(t, "nothing came")
	}
	panic("unreachable")
}
