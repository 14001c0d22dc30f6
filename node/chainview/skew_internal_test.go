package chainview

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSkew reads blocks with a clock that is right or wrong, and chains that are not alive.
func TestSkew(t *testing.T) {
	const block = 5 * time.Second
	for name, c := range map[string]struct {
		clock time.Duration // ahead of the chain
		pace  time.Duration // of the chain's time, for each block time that passes
		known bool
	}{
		"right":              {300 * time.Millisecond, block, true},
		"an hour behind":     {-time.Hour, block, true},
		"a day ahead":        {24 * time.Hour, block, true},
		"halted":             {time.Hour, 0, false},
		"blocks are read up": {time.Hour, 20 * block, false},
	} {
		t.Run(name, func(t *testing.T) {
			awake := time.Duration(0)
			began := time.Now()
			s := NewSkew()
			s.now = func() time.Time { return began.Add(awake) }
			s.since = func(at time.Time) time.Duration { return began.Add(awake).Sub(at) }
			made := began.Add(-c.clock)
			for i := range 20 {
				_, known := s.Ahead()
				require.False(t, known && i < 4, "too early")
				s.Note(made)
				awake += block
				made = made.Add(c.pace)
			}
			awake -= block
			ahead, known := s.Ahead()
			require.Equal(t, c.known, known)
			if known {
				require.InDelta(t, c.clock.Seconds(), ahead.Seconds(), 1)
			}
			awake += time.Hour
			_, known = s.Ahead()
			require.False(t, known, "it is long ago")
			s.Reset()
			_, known = s.Ahead()
			require.False(t, known)
		})
	}
}
