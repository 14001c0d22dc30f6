package lifecycle

import (
	"context"
	"time"
)

// Sleep returns after d, or when ctx ends with its error. A d that is not positive is no
// pause.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
