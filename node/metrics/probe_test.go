package metrics_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/metrics"
)

// TestProbes asks how a node is in which ever more parts are not well.
func TestProbes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	var parts atomic.Pointer[[]api.Health]
	page := metrics.NewPage(address, metrics.NewRegistry(), func(context.Context) []api.Health { return *parts.Load() })
	require.NoError(t, page.Start(t.Context()))
	defer func() { require.NoError(t, page.Stop(context.Background())) }()

	for _, c := range []struct {
		unwell        []string
		health, ready int
		body          string
	}{
		{nil, 200, 200, `{"ok":true,"not_ok":[]}`},
		{[]string{"sales"}, 503, 200, `{"ok":true,"not_ok":["sales"]}`},
		{[]string{"sales", "chain", "chain"}, 503, 503, `{"ok":false,"not_ok":["chain","sales"]}`},
	} {
		list := []api.Health{{Part: "clock", OK: true, Message: "secret of account panacea1"}}
		for _, part := range c.unwell {
			list = append(list, api.Health{Part: part, Message: "secret of account panacea1"})
		}
		parts.Store(&list)
		status, body := get(t, "http://"+address+"/ready")
		require.Equal(t, c.ready, status, c.unwell)
		require.JSONEq(t, c.body, body)
		status, body = get(t, "http://"+address+"/health")
		require.Equal(t, c.health, status, c.unwell)
		require.NotContains(t, body, "secret")
	}
	status, body := get(t, "http://"+address+"/metrics")
	require.Equal(t, 200, status)
	require.Contains(t, body, "go_goroutines")
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(read)
}
