package node

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table of metrics into the guide")

// TestMetricsAreThoseOfTheGuide pins the names: dashboards and alerts use them.
func TestMetricsAreThoseOfTheGuide(t *testing.T) {
	const (
		guide      = "../docs/guides/operator.md"
		begin, end = "<!-- metrics -->\n", "<!-- end of metrics -->"
	)
	n, _ := nodeOf(t, silentChain(t))
	helps := n.metrics.Helps()
	require.GreaterOrEqual(t, len(helps), 60)
	table := "| metric | meaning |\n|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(helps)) {
		table += "| `" + name + "` | " + helps[name] + " |\n"
	}
	text, err := os.ReadFile(guide)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	require.True(t, found, "%s has no line %s", guide, begin)
	written, after, found := strings.Cut(rest, end)
	require.True(t, found, "%s has no line %s", guide, end)
	if *update {
		require.NoError(t, os.WriteFile(guide, []byte(before+begin+table+end+after), 0o600))
		return
	}
	require.Equal(t, table, written, "run the test with -update")
}
