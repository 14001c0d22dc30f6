package keeper

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

// redeem checks a signed ack (voucher) and sets the deal's ack height; the caller changes the
// deal's state.
//
// A seller that broadcasts a delivery has revealed the key, so a refusal here would be its
// loss. Only two checks therefore depend on when the delivery gets into a block, and the
// seller can foresee both: the voucher's expiry, and the execution of the ack deadline. A
// voucher must be valid for at least a quarter of T_key from its ack height; a minimum of
// remaining time would be one more limit to miss. An ack on chain before the delivery, by the
// buyer or the quorum, does not invalidate the voucher: the delivery stays bound to the
// voucher's height and is accepted.
func (s msgServer) redeem(ctx sdk.Context, deal *types.Deal, v types.AckVoucher) error {
	if deal.State != types.DEAL_STATE_CERTIFIED && deal.State != types.DEAL_STATE_ACKED {
		return errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	}
	if err := checkVoucherHeights(ctx, *deal, v); err != nil {
		return err
	}
	ctx.GasMeter().ConsumeGas(types.VoucherGas, "ack voucher")
	voucher := attest.SignedAck{
		ChainID:      ctx.ChainID(),
		Pool:         pdx.PoolID(deal.PoolId),
		Deal:         pdx.DealID(deal.Id),
		Buyer:        pdx.Address(deal.Buyer),
		Root:         pdx.ContentID(deal.Dataset.Root),
		AckHeight:    v.AckHeight,
		ExpiryHeight: v.ExpiryHeight,
		PublicKey:    v.PublicKey,
		Signature:    v.Signature,
	}
	if err := voucher.Verify(); err != nil {
		return errorsmod.Wrap(types.ErrVoucherSignature, err.Error())
	}
	deal.AckHeight = v.AckHeight
	return nil
}

func checkVoucherHeights(ctx sdk.Context, deal types.Deal, v types.AckVoucher) error {
	if certified := deal.EnteredAt(types.DEAL_STATE_CERTIFIED); v.AckHeight < certified || v.AckHeight >= ctx.BlockHeight() {
		return errorsmod.Wrapf(types.ErrVoucherHeight, "%d, from %d to %d", v.AckHeight, certified, ctx.BlockHeight()-1)
	}
	if least := types.Blocks(deal.Deadlines.Key/4, deal.BlockTime); v.ExpiryHeight-v.AckHeight < least {
		return errorsmod.Wrapf(types.ErrVoucherShort, "%d blocks, %d at the least", v.ExpiryHeight-v.AckHeight, least)
	}
	if deal.State == types.DEAL_STATE_CERTIFIED && ctx.BlockHeight() > v.ExpiryHeight {
		return errorsmod.Wrapf(types.ErrVoucherExpired, "at height %d", v.ExpiryHeight)
	}
	return nil
}
