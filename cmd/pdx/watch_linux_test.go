package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/charmbracelet/lipgloss"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// busyNode is a node with more deals than a screen has lines, of strangers who write what they like.
type busyNode struct {
	nodepbconnect.UnimplementedNodeServiceHandler
	gone chan struct{} // closed: the daemon ends
}

func (busyNode) Status(context.Context, *nodepb.StatusRequest) (*nodepb.StatusResponse, error) {
	return &nodepb.StatusResponse{
		Account: "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc", ChainId: "c-1", ChainHeight: 77, Balance: umed("1500000"),
	}, nil
}

func (busyNode) ListTransfers(context.Context, *nodepb.ListTransfersRequest) (*nodepb.ListTransfersResponse, error) {
	res := &nodepb.ListTransfersResponse{}
	for i := range 30 {
		res.Transfers = append(
			res.Transfers,
			&nodepb.Transfer{Id: uint64(i), Direction: "pull", Cid: strings.Repeat("f", 64), Size: 100, Held: 50},
		)
	}
	return res, nil
}

func (n busyNode) Watch(ctx context.Context, _ *nodepb.WatchRequest, stream *connect.ServerStream[nodepb.WatchResponse]) error {
	for i := range 40 {
		pulled := &nodepb.Pulled{DealId: uint64(i + 1), PoolId: 1, State: "pulling", Size: 200, Held: uint64(i), Reason: walkedDisguise}
		if err := stream.Send(&nodepb.WatchResponse{What: &nodepb.WatchResponse_Pulled{Pulled: pulled}}); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
	case <-n.gone:
	}
	return nil
}

// watchAt runs pdx watch at a terminal of 80 columns and 24 lines.
func watchAt(t *testing.T, n busyNode) (person *typist, slave *os.File, done <-chan int) {
	t.Helper()
	home, err := os.MkdirTemp("", "pdx") // a short path, for the socket
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	listener, err := net.Listen("unix", filepath.Join(home, "pdx.sock"))
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle(api.NewHandler(n))
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	master, slave := openTerminal(t)
	t.Cleanup(func() { master.Close(); slave.Close() })
	require.NoError(t, unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	ended := make(chan int, 1)
	go func() {
		a := &app{streams: streams{in: slave, out: slave, err: slave}, workFactor: testWorkFactor}
		ended <- a.run(t.Context(), []string{"watch", "--home", home})
	}()
	return &typist{t: t, master: master}, slave, ended
}

// modes is how a terminal treats what is typed and written.
func modes(t *testing.T, tty *os.File) unix.Termios {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	require.NoError(t, err)
	return *mode
}

// TestWatchFillsTheScreenAndLeavesItClean reads whole pages, ends by a key, and finds the terminal as it was.
func TestWatchFillsTheScreenAndLeavesItClean(t *testing.T) {
	for _, key := range []string{"q", "\x03"} {
		person, slave, done := watchAt(t, busyNode{gone: make(chan struct{})})
		person.await(`\x1b\[\?1049h\x1b\[\?25l`)
		page := person.await(`\x1b\[H((?:[^\x1b]|\x1b\[K)*buyer +40(?:[^\x1b]|\x1b\[K)*)\x1b\[J`)[1]
		lines := strings.Split(strings.ReplaceAll(page, "\x1b[K", ""), "\r\n")
		require.Len(t, lines, 24)
		for _, line := range lines {
			require.LessOrEqual(t, lipgloss.Width(line), 80, line)
			requireInert(t, "watch", line)
		}
		require.Contains(t, lines[0], "c-1 at height 77, 1.5 MED")
		require.Regexp(t, `and \d+ more`, page)
		require.Contains(t, lines[23], "q or Ctrl-C")
		_, err := person.master.WriteString(key)
		require.NoError(t, err)
		require.Zero(t, <-done, fmt.Sprintf("%q", key))
		person.await(`\x1b\[\?25h\x1b\[\?1049l`)
		fresh, other := openTerminal(t)
		require.Equal(t, modes(t, other), modes(t, slave))
		require.NoError(t, fresh.Close())
		require.NoError(t, other.Close())
	}
}

// A daemon that ends under the screen is named on the screen that was there before.
func TestWatchWithoutADaemon(t *testing.T) {
	n := busyNode{gone: make(chan struct{})}
	person, _, done := watchAt(t, n)
	person.await(`buyer +40`)
	close(n.gone)
	person.await(`\x1b\[\?25h\x1b\[\?1049l`)
	person.await(`the daemon (?s:.*)pdx --home`)
	require.Equal(t, 7, <-done)

	code, _, errs := runIn(t, t.TempDir(), "watch")
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "on a terminal only")
}
