// Package clockwatch notices that the machine slept, that this process was stopped, or that the
// clock was set.
package clockwatch

import (
	"context"
	"log/slog"
	"time"
)

const (
	// tick is the interval between comparisons of the wall clock with the monotonic
	// clock. After a sleep, nothing waits longer than that.
	tick = 5 * time.Second
	// slack is how far the clocks may drift apart within a tick without a jump: a clock
	// that is being slewed, or a busy machine.
	slack = 2 * time.Second
	// stopped is how late a tick must be for the process to have been stopped, as a virtual
	// machine is while it is saved: a busy machine is late by less.
	stopped = 5 * time.Second
)

// A Watch calls a function after each jump of the wall clock, and after each stop: peers and
// NATs may have given up this machine's connections. Timers run on the
// monotonic clock, which stops while the machine sleeps, so whatever waits for a timer
// would be late by as much, while the deadlines of a chain are not.
type Watch struct {
	read   func() (wall time.Time, awake time.Duration)
	jumped func()
	log    *slog.Logger
}

// New returns a Watch of this machine's clocks. It calls jumped after each jump.
func New(jumped func(), log *slog.Logger) Watch {
	began := time.Now()
	return Watch{read: func() (time.Time, time.Duration) {
		return time.Now().Round(0), time.Since(began) // without and by the monotonic reading
	}, jumped: jumped, log: log}
}

// Run watches until ctx ends.
func (w Watch) Run(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	wall, awake := w.read()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		nextWall, nextAwake := w.read()
		jump, late := nextWall.Sub(wall)-(nextAwake-awake), nextAwake-awake-tick
		switch {
		case jump.Abs() > slack:
			w.log.InfoContext(ctx, "the machine slept or its clock was set; all timers are checked again", "duration", jump.Round(time.Second))
			w.jumped()
		case late > stopped:
			w.log.InfoContext(ctx, "this process was stopped; all connections are checked", "duration", late.Round(time.Second))
			w.jumped()
		}
		wall, awake = nextWall, nextAwake
	}
}
