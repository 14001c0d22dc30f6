package localnettest

import (
	"context"
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/localnet"
)

// Govern has governance do what the messages say.
func (c *Chain) Govern(t testing.TB, title string, msgs ...sdk.Msg) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	require.NoError(t, localnet.Govern(ctx, c.Home, title, msgs...))
}

// Upgrade waits until the software from before the exchange halts at its upgrade,
// and goes on with the one that has it, on the same home and ports.
func (c *Chain) Upgrade(t testing.TB) {
	t.Helper()
	select {
	case <-c.Done():
	case <-t.Context().Done():
		t.Fatal("the chain did not halt")
	}
	require.ErrorContains(t, c.Err(), "UPGRADE")
	require.NoError(t, c.conn.Close())
	require.NoError(t, c.Stop(context.WithoutCancel(t.Context())))
	c.config.Before = false
	c.run(t)
}
