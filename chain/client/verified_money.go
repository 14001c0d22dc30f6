package client

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cosmossdk.io/math"
	cmttypes "github.com/cometbft/cometbft/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Withdrawable reads what an account may withdraw from the module, and the head that proves
// it. Balance and bond are proven. That no deal binds the bond of a validator that left is
// not: entries of an index have no values, and their absence no proof.
func (v *Verified) Withdrawable(ctx context.Context, account pdx.Address) (amount pdx.Amount, head pdx.Head, err error) {
	head, err = v.prove(ctx, func(e *endpoint, at *cmttypes.LightBlock) error {
		owed, err := v.balance(ctx, e, at, account)
		if err != nil {
			return err
		}
		amount, err = toAmount(owed)
		return err
	})
	return amount, head, err
}

// balance proves a balance, and compares it with what the endpoint says without a proof.
func (v *Verified) balance(ctx context.Context, e *endpoint, at *cmttypes.LightBlock, account pdx.Address) (math.Int, error) {
	what := fmt.Sprintf("withdrawable balance of %s", account)
	raw, err := v.headers.Value(ctx, e.source(), at, types.StoreKey, types.BalanceStoreKey(string(account)))
	if err != nil {
		return math.Int{}, fmt.Errorf("%s: %w", what, err)
	}
	owed := math.ZeroInt()
	if raw != nil {
		if owed, err = types.DecodeStoreAmount(raw); err != nil {
			return math.Int{}, fmt.Errorf("%w: the chain's %v", pdx.ErrCorrupt, err)
		}
	}
	height := light.StateHeight(at)
	atHeight := metadata.AppendToOutgoingContext(ctx, grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(height, 10))
	res, err := types.NewQueryClient(e).Balance(atHeight, &types.QueryBalanceRequest{Address: string(account)})
	if err != nil {
		return math.Int{}, fmt.Errorf("%s of %s: %w", what, e.address, queryError("compare", err))
	}
	said := res.Balance.Amount
	if !said.IsNil() && said.Equal(owed) {
		e.health.proved(time.Now())
		return owed, nil
	}
	bond, err := v.freeBond(ctx, e, at, account)
	if err != nil {
		return math.Int{}, err
	}
	if said.IsNil() || bond.IsZero() || !said.Equal(owed.Add(bond)) {
		return math.Int{}, &light.Lie{Source: e.address, What: fmt.Sprintf("shows another %s than it proves at height %d", what, height)}
	}
	return said, nil
}

// freeBond proves the bond of a validator whose time to leave is over; it is zero for others.
func (v *Verified) freeBond(ctx context.Context, e *endpoint, at *cmttypes.LightBlock, account pdx.Address) (math.Int, error) {
	raw, err := v.headers.Value(ctx, e.source(), at, types.StoreKey, types.ValidatorStoreKey(string(account)))
	if err != nil || raw == nil {
		return math.ZeroInt(), err
	}
	var validator types.Validator
	if err := decodeStored(raw, &validator); err != nil {
		return math.ZeroInt(), err
	}
	if validator.Status != types.VALIDATOR_STATUS_UNBONDING || at.Time.Before(validator.UnbondingTime) || validator.Bond.IsNil() {
		return math.ZeroInt(), nil
	}
	return validator.Bond, nil
}
