package keylock_test

import (
	"cmp"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/keylock"
)

func TestOneKeyAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locks := keylock.New[int]()
		release, err := locks.Take(t.Context(), 1)
		require.NoError(t, err)
		other, err := locks.Take(t.Context(), 2)
		require.NoError(t, err)
		other()
		_, ok := locks.Try(1)
		require.False(t, ok)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = locks.Take(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		got := make(chan struct{})
		go func() {
			defer close(got)
			again, err := locks.Take(t.Context(), 1)
			require.NoError(t, err)
			again()
		}()
		synctest.Wait()
		release()
		<-got
		free, ok := locks.Try(1)
		require.True(t, ok, "a lock that nobody wants leaves nothing behind")
		free()
	})
}

// TestManyKeysNeverDeadlock has goroutines that want the same keys in other orders.
func TestManyKeysNeverDeadlock(t *testing.T) {
	locks := keylock.New[int]()
	var all sync.WaitGroup
	counts := [3]int{}
	for _, keys := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 1}, {2, 0}} {
		all.Go(func() {
			for range 500 {
				release, err := keylock.TakeAll(t.Context(), locks, keys, cmp.Compare[int])
				if err != nil {
					t.Error(err)
					return
				}
				for _, k := range keys {
					counts[k]++
				}
				release()
			}
		})
	}
	all.Wait()
	require.Equal(t, [3]int{1500, 2000, 2000}, counts)

	held, err := locks.Take(t.Context(), 1)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = keylock.TakeAll(ctx, locks, []int{0, 1}, cmp.Compare[int])
	require.ErrorIs(t, err, context.Canceled)
	_, ok := locks.Try(0)
	require.True(t, ok, "what was taken before is given back")
	held()
}
