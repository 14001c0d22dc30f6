package node

import (
	"context"
	"log/slog"
	"time"
)

const (
	// clockTick is how often this machine's clock is held against the time that it
	// was awake. Nothing waits longer than that after a sleep.
	clockTick = 5 * time.Second
	// clockSlack is what a clock that is being slewed, or a busy machine, may differ
	// within a tick.
	clockSlack = 2 * time.Second
)

// clockWatch notices that this machine slept or that its clock was set. Timers run
// on a clock that stands still in a sleep, so whatever waits for one would come
// late by as much, and a deadline of the chain does not wait.
type clockWatch struct {
	read   func() (wall time.Time, awake time.Duration)
	resume func() // has everything looked at that waits for a time
	log    *slog.Logger
}

// newClockWatch reads the clocks of this machine.
func newClockWatch(resume func(), log *slog.Logger) clockWatch {
	began := time.Now()
	return clockWatch{read: func() (time.Time, time.Duration) {
		return time.Now().Round(0), time.Since(began) // without and by the monotonic reading
	}, resume: resume, log: log}
}

// run watches until ctx ends.
func (c clockWatch) run(ctx context.Context) {
	tick := time.NewTicker(clockTick)
	defer tick.Stop()
	wall, awake := c.read()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		nextWall, nextAwake := c.read()
		if jump := nextWall.Sub(wall) - (nextAwake - awake); jump.Abs() > clockSlack {
			c.log.InfoContext(ctx, "this machine slept or its clock was set; looking at everything that waits", "duration", jump.Round(time.Second))
			c.resume()
		}
		wall, awake = nextWall, nextAwake
	}
}

// resume has everything looked at that waits for a time.
func (n *Node) resume() {
	n.seller.Resume()
	n.buyer.Resume()
	n.validator.Resume()
	n.presence.news.Set()
	n.askPayout()
}
