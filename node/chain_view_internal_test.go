package node

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// slowChain answers after a while.
type slowChain struct {
	takes  time.Duration
	silent error
}

func (c *slowChain) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(c.takes):
		return nil
	}
}

func (c *slowChain) Head(ctx context.Context) (pdx.Head, error) {
	return pdx.Head{Height: 7}, c.wait(ctx)
}

func (c *slowChain) Balance(ctx context.Context, _ pdx.Address) (pdx.Amount, error) {
	return 1, c.wait(ctx)
}

func (c *slowChain) Withdrawable(context.Context, pdx.Address) (pdx.Amount, error) { return 0, nil }

func (c *slowChain) Validator(ctx context.Context, _ pdx.Address) (pdx.Validator, error) {
	return pdx.Validator{}, c.wait(ctx)
}

func (c *slowChain) Silence(time.Duration) error { return c.silent }

// A chain that is back after a silence is seen by the first status, which waits
// for a moment only.
func TestAStatusWaitsAMomentForASilentChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chain := &slowChain{takes: quietPatience / 2, silent: pdx.ErrUnavailable}
		v := newChainView(chain, "account")
		defer v.close()
		v.look(t.Context())
		head := v.head.get(pdx.ErrUnavailable)
		require.NoError(t, head.Err)
		require.Equal(t, int64(7), head.Value.Height)

		chain.takes = time.Hour
		time.Sleep(viewPatience)
		began := time.Now()
		v.look(t.Context())
		require.Equal(t, quietPatience, time.Since(began))
		require.ErrorIs(t, v.head.get(pdx.ErrUnavailable).Err, pdx.ErrUnavailable)
	})
}

// A read that another status begins does not make stale what was heard just now.
func TestWhatWasHeardJustNowIsFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := errors.New("late")
		chain := &slowChain{}
		v := newChainView(chain, "account")
		defer v.close()
		v.look(t.Context())
		chain.takes = time.Hour
		v.refresh()
		require.NoError(t, v.head.get(late).Err)
		time.Sleep(viewPatience)
		require.ErrorIs(t, v.head.get(late).Err, late)
	})
}
