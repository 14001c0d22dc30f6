package lifecycle_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/lifecycle"
)

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, lifecycle.Sleep(t.Context(), time.Minute))
		require.Equal(t, time.Minute, time.Since(start))
		for _, d := range []time.Duration{0, -time.Second} {
			require.NoError(t, lifecycle.Sleep(t.Context(), d))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, lifecycle.Sleep(ctx, time.Hour), context.DeadlineExceeded)
		require.ErrorIs(t, lifecycle.Sleep(ctx, 0), context.DeadlineExceeded)
		require.Equal(t, time.Minute+time.Second, time.Since(start))
	})
}
