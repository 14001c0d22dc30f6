package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/proof"
)

// CreatePool opens a pool and moves its escrow in.
func (s msgServer) CreatePool(c context.Context, msg *types.MsgCreatePool) (*types.MsgCreatePoolResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	buyer, err := s.account(msg.Buyer)
	if err != nil {
		return nil, err
	}
	pool, err := s.newPool(ctx, msg)
	if err != nil {
		return nil, err
	}
	validators, err := s.poolValidators(ctx, msg.Validators)
	if err != nil {
		return nil, err
	}
	if err := s.checkConditions(ctx, &pool, validators); err != nil {
		return nil, err
	}
	if err := checkRecipients(pool, validators); err != nil {
		return nil, err
	}
	if err := s.unseenKey(ctx, msg.BuyerKey); err != nil {
		return nil, err
	}
	if err := verifyPoolKey(ctx, msg); err != nil {
		return nil, err
	}
	if err := s.moveIn(ctx, buyer, pool.Denom, pool.Escrow); err != nil {
		return nil, err
	}
	if pool.Id, err = s.addPool(ctx, pool); err != nil {
		return nil, err
	}
	if err := s.setTagKeys(ctx, types.PoolTagKeys{PoolId: pool.Id, Keys: msg.TagKeys}); err != nil {
		return nil, err
	}
	return &types.MsgCreatePoolResponse{PoolId: pool.Id}, emit(ctx, &types.EventPoolCreated{PoolId: pool.Id, Buyer: pool.Buyer})
}

// newPool returns the pool that a message describes, without a number.
func (s msgServer) newPool(ctx sdk.Context, msg *types.MsgCreatePool) (types.Pool, error) {
	params, err := s.params.Get(ctx)
	if err != nil {
		return types.Pool{}, err
	}
	if err := params.CheckCoin("price", msg.Price); err != nil {
		return types.Pool{}, err
	}
	if err := params.CheckCoin("escrow", msg.Escrow); err != nil {
		return types.Pool{}, err
	}
	if err := params.CheckDuty(msg.VerdictReward, msg.DrawCount); err != nil {
		return types.Pool{}, err
	}
	deadlines, err := params.Fill(msg.Deadlines)
	if err != nil {
		return types.Pool{}, err
	}
	life := msg.ExpiryTime.Sub(ctx.BlockTime())
	if life <= 0 || life > params.MaxPoolLife {
		return types.Pool{}, errorsmod.Wrapf(types.ErrExpiry, "%v ahead, up to %v are taken", life, params.MaxPoolLife)
	}
	expiryHeight, expiryTime := deadlineAfter(ctx, life, params.BlockTime)
	return types.Pool{
		Buyer:                msg.Buyer,
		BuyerKey:             msg.BuyerKey,
		Price:                msg.Price.Amount,
		Denom:                params.Denom,
		TargetCount:          msg.TargetCount,
		CriteriaCid:          msg.CriteriaCid,
		RequiredCertificates: msg.RequiredCertificates,
		Validators:           msg.Validators,
		AckMode:              max(msg.AckMode, types.ACK_MODE_BUYER), // unspecified is the buyer
		Terms:                msg.Terms,
		TermsHash:            types.HashTerms(msg.Terms),
		MaxDatasetSize:       msg.MaxDatasetSize,
		Deadlines:            deadlines,
		ExpiryHeight:         expiryHeight,
		ExpiryTime:           expiryTime,
		Status:               types.POOL_STATUS_OPEN,
		Escrow:               msg.Escrow.Amount,
		CreatedHeight:        ctx.BlockHeight(),
		CreatedTime:          ctx.BlockTime(),
		Title:                msg.Title,
		MediaType:            msg.MediaType,
		DrawCount:            msg.DrawCount,
		DrawCommitment:       msg.DrawCommitment,
		VerdictReward:        msg.VerdictReward,
		VerdictCost:          params.CostOfVerdict(msg.VerdictReward, msg.DrawCount),
		OfferCost:            params.OfferCost,
		AckCosts:             math.ZeroInt(),
		TagCommitment:        msg.TagCommitment,
		MaxOverlapPpm:        msg.MaxOverlapPpm,
	}, nil
}

func (s msgServer) poolValidators(ctx sdk.Context, addresses []string) ([]types.Validator, error) {
	if err := s.accountsOf(addresses...); err != nil {
		return nil, err
	}
	least, err := s.leastBond(ctx)
	if err != nil {
		return nil, err
	}
	validators := make([]types.Validator, 0, len(addresses))
	for _, a := range addresses {
		v, err := s.bonded(ctx, a, least)
		if err != nil {
			return nil, errorsmod.Wrap(types.ErrPoolValidatorFault, err.Error())
		}
		validators = append(validators, v)
	}
	return validators, nil
}

// unseenKey refuses a buyer key that another pool has: a key used twice would open the
// datasets of two pools, and a message sent twice would pay two escrows.
func (s msgServer) unseenKey(ctx sdk.Context, key []byte) error {
	id, err := s.poolsBy.key.Get(ctx, key)
	switch {
	case errors.Is(err, collections.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return errorsmod.Wrapf(types.ErrBuyerKeySeen, "pool %d", id)
}

// verifyPoolKey checks the proof that the buyer knows the secret of the key to which
// dataset keys will be delivered.
func verifyPoolKey(ctx sdk.Context, msg *types.MsgCreatePool) error {
	ctx.GasMeter().ConsumeGas(types.ProofGas, "pool key proof")
	bound := attest.PoolKey{ChainID: ctx.ChainID(), Buyer: pdx.Address(msg.Buyer)}.Hash()
	if err := proof.VerifyPop(bound, pdx.Element(msg.BuyerKey), msg.KeyProof); err != nil {
		return errorsmod.Wrap(types.ErrKeyProof, err.Error())
	}
	return nil
}

// addPool numbers and writes a pool and watches its expiry.
func (s msgServer) addPool(ctx sdk.Context, pool types.Pool) (uint64, error) {
	id, err := takeNumber(ctx, s.nextPool)
	if err != nil {
		return 0, err
	}
	pool.Id = id
	if err := s.watchPool(ctx, &pool, pool.ExpiryHeight); err != nil {
		return 0, err
	}
	return id, s.setPool(ctx, pool)
}
