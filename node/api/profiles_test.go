package api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProfilesAreServedOnTheSocket(t *testing.T) {
	_, socket := serve(t, failing{})
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://pdx/debug/pprof/goroutine?debug=1", nil)
	require.NoError(t, err)
	answer, err := client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	profile, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Contains(t, string(profile), "TestProfilesAreServedOnTheSocket")
}
