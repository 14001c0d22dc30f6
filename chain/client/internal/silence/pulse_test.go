package silence

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Who gives up says nothing of an endpoint, and takes nothing back.
func TestGivingUpHidesNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pulse
		missing := func() time.Duration {
			d, _ := p.Silence(time.Now())
			return d
		}
		p.Begin()
		time.Sleep(time.Second) // a bubble's
		p.End(false, true)
		require.Zero(t, missing(), "nobody but who gave up missed an answer")

		p.Begin()
		time.Sleep(time.Second)
		p.End(false, false)
		p.Begin()
		time.Sleep(time.Second)
		p.End(false, true)
		require.Equal(t, 2*time.Second, missing())

		p.Begin()
		p.End(true, false)
		p.Begin()
		time.Sleep(time.Second)
		p.End(false, true)
		require.Zero(t, missing(), "an answer ends it")
	})
}
