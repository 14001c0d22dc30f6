package client

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
)

// deaf takes connections and never answers.
func deaf(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				_, _ = io.Copy(io.Discard, conn)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); group.Wait() })
	return l.Addr().String()
}

// idle returns the address of a chain on which nothing happens.
func idle(t *testing.T) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		result := `{"response":{"last_block_height":"5"}}`
		if strings.Contains(string(body), `"status"`) {
			result = `{"node_info":{"network":"c"},"sync_info":{"latest_block_height":"5","earliest_block_height":"1"}}`
		}
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":-1,"result":%s}`, result)
	}))
	t.Cleanup(web.Close)
	return strings.TrimPrefix(web.URL, "http://")
}

// waiters returns a wallet of two endpoints of which the first is deaf.
func waiters(t *testing.T, silence time.Duration) *wallet {
	t.Helper()
	cfg := Config{ChainID: "c", Poll: 10 * time.Millisecond, silence: silence}
	dead, lives := deaf(t), idle(t)
	cfg.GRPC, cfg.RPC = dead, "http://"+dead
	cfg.More = []Endpoint{{GRPC: lives, RPC: "http://" + lives}}
	ends, err := newEndpoints(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = ends.close() })
	return &wallet{endpoints: ends, cfg: cfg, signing: make(chan struct{}, 1), sent: newUnconfirmed()}
}

// However many transactions wait for an endpoint that does not answer, they wait
// for one time-out, and it is left once.
func TestWaitersShareAFailure(t *testing.T) {
	const many, silence = 50, 500 * time.Millisecond
	w := waiters(t, silence)
	lives := w.list[1].landings
	var group sync.WaitGroup
	began := time.Now()
	for i := range many {
		s := signed{raw: fmt.Append(nil, i), since: 5, timeout: 100}
		w.sent.add(s)
		lives.results[s.id()] = &abci.ExecTxResult{Code: uint32(i)}
		group.Go(func() {
			result, err := w.await(t.Context(), s)
			if err == nil && result.Code != uint32(i) {
				err = fmt.Errorf("result %d for transaction %d", result.Code, i)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.Less(t, time.Since(began), many*silence/2)
	require.Equal(t, 1, w.list[0].health.times)
}

// An endpoint is not to blame when whoever asked goes away, and the next one asks
// it anew.
func TestWhoLeavesBlamesNoEndpoint(t *testing.T) {
	w := waiters(t, time.Minute)
	s := signed{raw: []byte("tx"), since: 5, timeout: 100}
	w.sent.add(s)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := w.await(ctx, s)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Zero(t, w.list[0].health.times)
	require.Zero(t, w.list[0].landings.read)
	require.NoError(t, w.list[0].landings.err)
}

// A result is known even if the last reading failed.
func TestAResultOutlivesAFailure(t *testing.T) {
	w := waiters(t, time.Minute)
	s := signed{raw: []byte("tx"), since: 5, timeout: 100}
	l := w.list[0].landings
	l.read, l.err = time.Now(), io.ErrUnexpectedEOF
	_, _, err := w.list[0].find(t.Context(), s, w.sent, time.Hour)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	l.results[s.id()] = &abci.ExecTxResult{}
	result, known, err := w.list[0].find(t.Context(), s, w.sent, time.Hour)
	require.NoError(t, err)
	require.True(t, known)
	require.NotNil(t, result)
}
