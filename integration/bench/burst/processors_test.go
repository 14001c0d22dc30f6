package burst_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// processors is the time of all processors since the machine started, in ticks.
type processors struct{ all, idle float64 }

// readProcessors reads /proc/stat; it is zero where there is none.
func readProcessors(t testing.TB) (p processors) {
	t.Helper()
	raw, err := os.ReadFile("/proc/stat")
	if os.IsNotExist(err) {
		return p
	}
	require.NoError(t, err)
	line, _, _ := strings.Cut(string(raw), "\n")
	for i, field := range strings.Fields(line)[1:] {
		ticks, err := strconv.ParseFloat(field, 64)
		require.NoError(t, err)
		p.all += ticks
		if i == 3 || i == 4 { // idle, waiting for a disk
			p.idle += ticks
		}
	}
	return p
}

// since returns the part of the time since then in which processors worked.
func (p processors) since(then processors) float64 {
	if p.all == then.all {
		return 0
	}
	return 1 - (p.idle-then.idle)/(p.all-then.all)
}
