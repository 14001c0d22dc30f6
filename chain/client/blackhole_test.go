package client_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

// hole is a path to a server that can swallow what passes, in one direction or
// both, and never closes.
type hole struct {
	address string
	mu      sync.Mutex
	up      bool // swallows what is sent from now on, on connections made before
	down    bool
	later   bool // connections made later too
	changed int  // how often that was set
	group   sync.WaitGroup
}

// newHole leads to address, which is host:port, with or without a scheme.
func newHole(t *testing.T, address string) *hole {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h := &hole{address: l.Addr().String()}
	ctx, cancel := context.WithCancel(context.Background())
	h.group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			h.group.Go(func() { h.serve(ctx, conn, strings.TrimPrefix(address, "http://")) })
		}
	})
	t.Cleanup(func() { cancel(); _ = l.Close(); h.group.Wait() })
	return h
}

func (h *hole) swallow(up, down, later bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.up, h.down, h.later = up, down, later
	h.changed++
}

func (h *hole) serve(ctx context.Context, from net.Conn, address string) {
	defer from.Close()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer to.Close()
	defer context.AfterFunc(ctx, func() { _ = from.Close(); _ = to.Close() })()
	h.mu.Lock()
	born := h.changed
	h.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { h.pass(to, from, born, true) })
	both.Go(func() { h.pass(from, to, born, false) })
	both.Wait()
}

func (h *hole) pass(to, from net.Conn, born int, up bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && !h.silent(born, up) {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil && up {
			return // the client has given it up
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, to) // the other side never hears of it
			return
		}
	}
}

// silent reports whether a connection that was made after that many changes is
// swallowed. It stays so for ever, whatever changes later.
func (h *hole) silent(born int, up bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return (h.changed > born || h.later) && (up && h.up || !up && h.down)
}

// behindHoles returns a client of a chain that grows with every look.
func behindHoles(t *testing.T, change func(client.Config) client.Config) (c *client.Client, grpc, rpc *hole) {
	t.Helper()
	m := newMiddle(t, nil)
	var height atomic.Int64
	m.onRPC("status", func() (string, error) { return status("c", 1, height.Add(1)+1)() })
	m.onRPC("abci_info", func() (string, error) {
		return fmt.Sprintf(`{"response":{"last_block_height":"%d"}}`, height.Load()+1), nil
	})
	m.onHeight("header", func(height string) (string, error) {
		return fmt.Sprintf(`{"header":{"chain_id":"c","height":%q,"time":"2026-01-01T00:00:00Z"}}`, height), nil
	})
	m.onHeight("block_results", func(height string) (string, error) { return fmt.Sprintf(`{"height":%q}`, height), nil })
	m.onGRPC("/panacea.datapool.v3.Query/Validators", func(func() ([]byte, error)) ([]byte, error) { return nil, nil })
	grpc, rpc = newHole(t, m.grpcAddr), newHole(t, m.rpcAddr)
	return dial(t, change(client.Config{ChainID: "c", GRPC: grpc.address, RPC: "http://" + rpc.address, Poll: poll})), grpc, rpc
}

// hears returns how long it takes until both ways answer.
func hears(t *testing.T, c *client.Client, most time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	for {
		_, head := c.Head(t.Context())
		_, validators := c.Validators(t.Context())
		if head == nil && validators == nil {
			return time.Since(began)
		}
		require.Less(t, time.Since(began), most, "still deaf: %v; %v", head, validators)
	}
}

func TestBlackHoles(t *testing.T) {
	const quick = 250 * time.Millisecond
	for name, c := range map[string]struct{ up, down bool }{
		"questions vanish": {up: true}, "answers vanish": {down: true}, "both vanish": {up: true, down: true},
	} {
		t.Run(name, func(t *testing.T) {
			l, grpc, rpc := behindHoles(t, func(cfg client.Config) client.Config { return client.WithSilence(cfg, quick) })
			hears(t, l, patience)
			require.NoError(t, l.Silence(time.Nanosecond))
			grpc.swallow(c.up, c.down, false) // as after a change of address
			rpc.swallow(c.up, c.down, false)
			hears(t, l, patience)

			grpc.swallow(c.up, c.down, true)
			rpc.swallow(c.up, c.down, true)
			_, err := l.Validators(t.Context())
			require.ErrorIs(t, err, pdx.ErrUnavailable)
			_, err = l.Head(t.Context())
			require.ErrorIs(t, err, pdx.ErrUnavailable)
			err = l.Silence(quick / 2)
			require.ErrorIs(t, err, pdx.ErrUnavailable)
			require.ErrorContains(t, err, "has not answered for")
			require.ErrorContains(t, err, "the last answer came at")
			grpc.swallow(false, false, false)
			rpc.swallow(false, false, false)
			hears(t, l, patience)
			require.NoError(t, l.Silence(time.Nanosecond))
		})
	}
}

// A question of somebody who waits has its own bound.
func TestPatience(t *testing.T) {
	l, grpc, rpc := behindHoles(t, func(cfg client.Config) client.Config { return cfg })
	hears(t, l, patience)
	grpc.swallow(true, true, true)
	rpc.swallow(true, true, true)
	ctx := client.WithPatience(t.Context(), 100*time.Millisecond)
	for name, ask := range map[string]func() error{
		"grpc": func() error { _, err := l.Validators(ctx); return err },
		"rpc":  func() error { _, err := l.Head(ctx); return err },
	} {
		began := time.Now()
		err := ask()
		require.ErrorIs(t, err, pdx.ErrUnavailable, name)
		require.ErrorContains(t, err, "has not answered for", name)
		require.Less(t, time.Since(began), 5*time.Second, name)
	}
}

// With production defaults a follower hears again within 30 s, and nothing is
// pinged: the server would end a connection that it finds pinged too often.
func TestFollowerHearsAgain(t *testing.T) {
	l, grpc, rpc := behindHoles(t, func(cfg client.Config) client.Config { return cfg })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	blocks, lost := make(chan int64), make(chan error, 100)
	ended := make(chan error, 1)
	go func() {
		ended <- l.Follow(ctx, 1, func(b client.Block) error {
			select {
			case blocks <- b.Head.Height:
			case <-ctx.Done():
			}
			return nil
		}, func(err error) {
			select {
			case lost <- err:
			default:
			}
		})
	}()
	receive(t, blocks)
	_, err := l.Validators(ctx)
	require.NoError(t, err)
	grpc.swallow(true, true, false)
	rpc.swallow(true, true, false)
	began := time.Now()
	for len(lost) == 0 { // what was under way may still come
		select {
		case <-blocks:
		case <-time.After(10 * time.Millisecond):
		}
		require.Less(t, time.Since(began), 30*time.Second)
	}
	receive(t, blocks)
	took := time.Since(began)
	require.Less(t, took, 30*time.Second)
	t.Logf("followed again after %v", took.Round(time.Millisecond))
	_, _ = l.Validators(ctx)
	_, err = l.Validators(ctx)
	require.NoError(t, err)
	require.Less(t, time.Since(began), 30*time.Second)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func receive[T any](t *testing.T, from <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(patience):
		t.Fatal("nothing comes")
	}
	return got
}
