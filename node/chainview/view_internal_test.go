package chainview

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// A slowChain answers after a while.
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

// The first Refresh after a silence sees that the chain is back, and waits only briefly
// if it is not.
func TestRefreshWaitsBrieflyForASilentChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chain := &slowChain{takes: quietPatience / 2, silent: pdx.ErrUnavailable}
		v := New(chain, "account")
		defer v.Close()
		v.Refresh(t.Context())
		head := v.head.get(pdx.ErrUnavailable)
		require.NoError(t, head.Err)
		require.Equal(t, int64(7), head.Value.Height)

		chain.takes = time.Hour
		time.Sleep(patience)
		began := time.Now()
		v.Refresh(t.Context())
		require.Equal(t, quietPatience, time.Since(began))
		require.ErrorIs(t, v.head.get(pdx.ErrUnavailable).Err, pdx.ErrUnavailable)
	})
}

// A read that another Refresh starts does not make a value stale that was just read.
func TestAValueJustReadIsFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := errors.New("late")
		chain := &slowChain{}
		v := New(chain, "account")
		defer v.Close()
		v.Refresh(t.Context())
		chain.takes = time.Hour
		v.start()
		require.NoError(t, v.head.get(late).Err)
		time.Sleep(patience)
		require.ErrorIs(t, v.head.get(late).Err, late)
	})
}
