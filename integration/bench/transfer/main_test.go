package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// The test is its own roles, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == roleWord {
		os.Exit(runRole(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// small returns a bencher for blobs of a few hundred KiB.
func small(t *testing.T) *bencher {
	return &bencher{dir: t.TempDir(), settings: settings{
		size: 400 << 10, rounds: 1, kills: 2, hostile: 8, many: 250, seed: 1, tcp: "stock", mtu: 1500,
	}}
}

// patiently bounds a test's processes.
func patiently(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestEachWayMovesTheBytes(t *testing.T) {
	b, ctx := small(t), patiently(t)
	s, err := b.source(ctx, uint64(b.size))
	require.NoError(t, err)
	all, err := b.compare(ctx, loopback(), s)
	require.NoError(t, err)
	for _, c := range all {
		if c.skip != nil {
			t.Log(c.title, c.skip)
			continue
		}
		require.Len(t, c.rounds, 1, c.title)
		require.Positive(t, c.rounds[0].seconds, c.title)
		require.Positive(t, c.rounds[0].puller.Memory, c.title)
	}
}

// A pull over a delayed link takes at least the round trips that it must make.
func TestOverADelayedLink(t *testing.T) {
	b, ctx := small(t), patiently(t)
	s, err := b.source(ctx, uint64(b.size))
	require.NoError(t, err)
	const rtt = 40 * time.Millisecond
	on, err := away(path{rtt: rtt, rate: gigabit, mtu: 1500, tcp: "large"})
	if errors.Is(err, errSkip) {
		t.Skip(err)
	}
	require.NoError(t, err)
	defer func() { require.NoError(t, on.close()) }()
	f, err := movePdx(serveConfig{})(ctx, b, on, s)
	require.NoError(t, err)
	require.GreaterOrEqual(t, f.seconds, (3 * rtt).Seconds(), "TCP, Noise and the request")
}

func TestScenariosRun(t *testing.T) {
	for _, name := range []string{"kills", "sources", "many"} {
		t.Run(name, func(t *testing.T) {
			chosen, err := choose([]string{name})
			require.NoError(t, err)
			err = chosen[0].run(patiently(t), small(t))
			if errors.Is(err, errSkip) {
				t.Skip(err)
			}
			require.NoError(t, err)
		})
	}
}

// Cheats are honest first, and then they are not.
func TestCheatsCheat(t *testing.T) {
	var out bytes.Buffer
	c := &cheating{then: flip}
	w := cheatingWriter{&out, c}
	honest := make([]byte, honesty-1)
	_, err := w.Write(honest)
	require.NoError(t, err)
	_, err = w.Write([]byte{0, 0, 0})
	require.NoError(t, err)
	require.Equal(t, []byte{0, 1, 0}, out.Bytes()[len(honest):])
	_, err = cheat("politely", nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestSizesAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]uint64{"7": 7, "3KiB": 3 << 10, "64MiB": 64 << 20, "16GiB": 16 << 30} {
		var b bytesFlag
		require.NoError(t, b.Set(text))
		require.Equal(t, want, uint64(b))
		require.Equal(t, strings.ReplaceAll(b.String(), " ", ""), text)
	}
	for _, text := range []string{"", "0", "-1", "1GB", "GiB", "1.5GiB", "99999999999999999999"} {
		require.Error(t, new(bytesFlag).Set(text), "%q", text)
	}
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"no-such-scenario"}, {"-size", "much", "loopback"}} {
		require.Error(t, run(t.Context(), args), "%v", args)
	}
	require.Error(t, pour(brokenPipe{}, 1))
}

type brokenPipe struct{ io.Reader }

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
