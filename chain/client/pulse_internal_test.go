package client

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Who gives up says nothing of an endpoint, and takes nothing back.
func TestGivingUpHidesNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pulse
		missing := func() time.Duration {
			d, _ := p.silence(time.Now())
			return d
		}
		p.begin()
		time.Sleep(time.Second) // a bubble's
		p.end(false, true)
		require.Zero(t, missing(), "nobody but who gave up missed an answer")

		p.begin()
		time.Sleep(time.Second)
		p.end(false, false)
		p.begin()
		time.Sleep(time.Second)
		p.end(false, true)
		require.Equal(t, 2*time.Second, missing())

		p.begin()
		p.end(true, false)
		p.begin()
		time.Sleep(time.Second)
		p.end(false, true)
		require.Zero(t, missing(), "an answer ends it")
	})
}
