package datapooltest

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Deal reads a deal.
func (m *Market) Deal(id uint64) types.Deal {
	m.T.Helper()
	return query(m, types.QueryServer.Deal, &types.QueryDealRequest{DealId: id}).Deal
}

// Validator reads a validator.
func (m *Market) Validator(account pdx.Address) types.Validator {
	m.T.Helper()
	return query(m, types.QueryServer.Validator, &types.QueryValidatorRequest{Address: string(account)}).Validator
}

// Staked returns the sum of a validator's stakes.
func (m *Market) Staked(account pdx.Address) pdx.Amount {
	m.T.Helper()
	return pdx.Amount(query(m, types.QueryServer.Validator, &types.QueryValidatorRequest{Address: string(account)}).Staked)
}

// GetPool reads the market's pool.
func (m *Market) GetPool() types.Pool {
	m.T.Helper()
	return query(m, types.QueryServer.Pool, &types.QueryPoolRequest{PoolId: m.Pool}).Pool
}

// CloseCost returns what closing the market's pool would hold.
func (m *Market) CloseCost() uint64 {
	m.T.Helper()
	return query(m, types.QueryServer.Pool, &types.QueryPoolRequest{PoolId: m.Pool}).CloseCost
}

// Withdrawable returns what an account may withdraw.
func (m *Market) Withdrawable(account pdx.Address) pdx.Amount {
	m.T.Helper()
	return pdx.Amount(query(m, types.QueryServer.Balance, &types.QueryBalanceRequest{Address: string(account)}).Balance.Amount.Uint64())
}

// CheckInvariants fails the test when the state breaks a rule.
func (m *Market) CheckInvariants() {
	m.T.Helper()
	require.NoError(m.T, m.Read(func(ctx sdk.Context, _ types.QueryServer) error { return m.Keeper.CheckInvariants(ctx) }))
}

// Export returns the whole state.
func (m *Market) Export() *types.GenesisState {
	m.T.Helper()
	var g *types.GenesisState
	require.NoError(m.T, m.Read(func(ctx sdk.Context, _ types.QueryServer) (err error) {
		g, err = m.Keeper.ExportGenesis(ctx)
		return err
	}))
	return g
}

func query[Req, Resp any](m *Market, method func(types.QueryServer, context.Context, Req) (Resp, error), req Req) Resp {
	m.T.Helper()
	var resp Resp
	require.NoError(m.T, m.Read(func(ctx sdk.Context, q types.QueryServer) (err error) {
		resp, err = method(q, ctx, req)
		return err
	}))
	return resp
}
