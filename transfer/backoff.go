package transfer

import (
	"errors"
	"sync"
	"time"

	"github.com/medibloc/pdx"
)

// backoff says when a peer that failed a pull is asked again. Its zero value is of
// a peer that has not failed.
type backoff struct {
	mu       sync.Mutex
	failures int       // in a row, with nothing verified in between
	failed   time.Time // when the last was counted
	busy     time.Time // since when it has said nothing but that it is busy
}

// right notes that the peer sent what was verified.
func (b *backoff) right() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures, b.busy = 0, time.Time{}
}

// after is how long to wait after err; false when the peer is not asked again.
// Wrong bytes and refusals end it, so do failures in a row, and a peer that is
// busy for too long.
func (b *backoff) after(l limits, err error) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var busy *busyError
	switch {
	case errors.As(err, &busy):
		if b.busy.IsZero() {
			b.busy = time.Now()
		}
		wait := max(busy.after, minBusyWait)
		return wait, time.Since(b.busy)+wait <= l.patience
	case !errors.Is(err, pdx.ErrUnavailable):
		return 0, false
	}
	// When a connection ends all its lanes fail: that is one failure.
	if b.failures == 0 || time.Since(b.failed) > l.retryTime/2 {
		b.failures, b.failed = b.failures+1, time.Now()
	}
	return l.retryTime << min(b.failures-1, 5), b.failures < l.tries
}

func retryReason(err error) Reason {
	var busy *busyError
	if errors.As(err, &busy) {
		return ReasonBusy
	}
	return ReasonRetrying
}

// minBusyWait keeps a server that says "busy, come back at once" from making us
// spin.
const minBusyWait = 50 * time.Millisecond
