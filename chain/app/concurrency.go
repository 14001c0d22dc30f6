package app

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// BaseApp swaps the state that queries begin from while it commits a block, and
// guards neither (cosmos-sdk issues 22368 and 22650). CometBFT calls one method
// at a time, but gRPC queries and simulations come from outside of it: they take
// committing for reading while they touch that state, and Commit for writing.
// The lock is never held while CometBFT is called, whose own lock Commit is
// under.

// Commit makes the block's state the one that queries see.
func (a *App) Commit() (*abci.ResponseCommit, error) {
	a.committing.Lock()
	defer a.committing.Unlock()
	return a.BaseApp.Commit()
}

// CreateQueryContext returns a view of the state after the block of that height; the
// last one for 0.
func (a *App) CreateQueryContext(height int64, prove bool) (sdk.Context, error) {
	a.committing.RLock()
	defer a.committing.RUnlock()
	return a.BaseApp.CreateQueryContext(height, prove)
}

// Query answers an ABCI query.
func (a *App) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	a.committing.RLock()
	defer a.committing.RUnlock()
	return a.BaseApp.Query(ctx, req)
}

// Simulate runs a transaction without effect and returns the gas that it used.
func (a *App) Simulate(tx []byte) (sdk.GasInfo, *sdk.Result, error) {
	a.committing.RLock()
	defer a.committing.RUnlock()
	return a.BaseApp.Simulate(tx)
}
