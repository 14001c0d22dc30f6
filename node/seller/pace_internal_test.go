package seller

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPaceLearnsFromAnswers(t *testing.T) {
	now := time.Now()
	p := newPace()
	require.Equal(t, firstWindow, p.limit())
	for range 3000 {
		p.answered()
	}
	require.Equal(t, maxWindow, p.limit(), "it grows while there are verdicts")

	epoch := p.epoch
	for range 20 { // in flight together
		p.refused(now, epoch, 0)
	}
	require.Equal(t, maxWindow/2, p.limit(), "one cut for all that were in flight")
	require.Positive(t, p.wait(now))
	require.LessOrEqual(t, p.wait(now), 2*busyPause.First)
	for range 50 {
		p.refused(now, p.epoch, 0)
	}
	require.Equal(t, 1, p.limit())
	require.LessOrEqual(t, p.wait(now), 2*busyPause.Most, "a busy validator is asked again soon, however often it was")
}

// An inquiry that was in flight before a verdict came may still be refused.
func TestPaceTakesALateRefusal(t *testing.T) {
	now := time.Now()
	p := newPace()
	epoch := p.epoch
	p.refused(now, epoch, 0)
	p.answered()
	require.NotPanics(t, func() { p.refused(now, epoch, 0) })
	require.LessOrEqual(t, p.wait(now), 2*busyPause.First)
}

func TestPaceBelievesAdvertisedSlots(t *testing.T) {
	p := newPace()
	p.heard(16)
	require.Equal(t, 16, p.limit())
	for range 1000 {
		p.answered()
	}
	require.Equal(t, 16, p.limit())
	p.heard(4)
	require.Equal(t, 4, p.limit())
	p.heard(1 << 30)
	require.LessOrEqual(t, p.limit(), maxWindow, "whatever it says")
}

func TestPaceProbesWhatIsDown(t *testing.T) {
	now := time.Now()
	p := newPace()
	p.unreachable(now, p.epoch)
	require.Equal(t, 1, p.limit())
	first := p.wait(now)
	require.Positive(t, first)
	for range 30 {
		p.unreachable(now, p.epoch)
	}
	require.Greater(t, p.wait(now), first)
	require.LessOrEqual(t, p.wait(now), 2*retryPause.Most)
	p.heard(0)
	require.Equal(t, firstWindow, p.limit())
	require.Zero(t, p.wait(now), "nothing waits for the next probe")
}
