// Package clockwatch notices that the machine slept or that its clock was set.
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
)

// A Watch calls a function after each jump of the wall clock. Timers run on the
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
		if jump := nextWall.Sub(wall) - (nextAwake - awake); jump.Abs() > slack {
			w.log.InfoContext(ctx, "the machine slept or its clock was set; all timers are checked again", "duration", jump.Round(time.Second))
			w.jumped()
		}
		wall, awake = nextWall, nextAwake
	}
}
