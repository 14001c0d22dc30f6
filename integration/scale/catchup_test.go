package scale_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/scale"
)

// TestOverdueAnnouncements: a node that was off while its announcements came due announces them
// when it is back, and not only as their turn comes; one that was off for a short time announces
// nothing twice.
func TestOverdueAnnouncements(t *testing.T) {
	if !*long {
		t.Skip("half a day of a network: make scale")
	}
	const blobs = 20
	opt := scale.Defaults(5)
	opt.Hostile, opt.Churn, opt.Servers = 0, 0, 1
	synctest.Test(t, func(t *testing.T) {
		n := scale.New(t, opt)
		defer n.Close()
		holder := n.NewHolder(blobs)
		defer holder.End()
		requests := func(length time.Duration) float64 {
			before := n.Requests()
			n.Run(length)
			return n.Requests() - before
		}
		requests(5 * time.Minute)
		without := requests(10 * time.Minute)
		holder.Start()
		first := requests(10*time.Minute) - without
		require.GreaterOrEqual(t, first, float64(blobs*opt.Nodes), "each node has each record")
		require.Equal(t, blobs, holder.Found())

		holder.Stop()
		n.Run(time.Hour)
		holder.Start()
		second := requests(10*time.Minute) - without
		t.Logf("%.0f requests for %d announcements, and %.0f after a restart", first, blobs, second)
		require.Less(t, second, first/2, "its state survives a restart")

		holder.Stop()
		n.Run(10 * time.Hour)
		holder.Start()
		n.Run(50 * time.Minute) // records are valid for 12 hours
		require.Equal(t, blobs, holder.Found())
	})
}
