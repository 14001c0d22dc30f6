package multiconn_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/multiconn"
)

func TestConnectionsForAPath(t *testing.T) {
	for _, c := range []struct {
		rtt  time.Duration
		want int
	}{
		{0, 1},
		{time.Millisecond, 1},
		{16 * time.Millisecond, 1},
		{63 * time.Millisecond, 4},
		{120 * time.Millisecond, 8},
		{200 * time.Millisecond, 8},
	} {
		require.Equal(t, c.want, multiconn.Connections(multiconn.GuessRate, c.rtt), c.rtt)
	}
	require.Equal(t, 1, multiconn.Connections(1e6, 200*time.Millisecond), "a slow path needs no more")
	require.Equal(t, multiconn.MaxConns, multiconn.Connections(1e300, time.Hour))
}
