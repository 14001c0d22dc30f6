package activity

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMeter(t *testing.T) {
	var m Meter
	now := time.Unix(1, 0)
	require.Zero(t, m.rateAt(now))
	m.addAt(0, now)
	for range 1000 {
		now = now.Add(10 * time.Millisecond)
		m.addAt(1000, now)
	}
	require.InEpsilon(t, 100_000, m.rateAt(now), 0.02)
	require.Less(t, m.rateAt(now.Add(10*time.Second)), 1000.0, "it forgets")
}
