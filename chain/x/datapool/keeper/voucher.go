package keeper

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

// redeem checks a voucher and gives the deal its ack height; the caller moves
// the deal on.
//
// A seller that shows a delivery has shown the key, so what is refused here
// after that would be a loss. Hence no check depends on when the delivery comes
// into a block but the two that the seller can see ahead: the voucher's own
// expiry, and that nobody has executed the ack deadline. A quarter of T_key is
// what a voucher must hold for at the least, not what must be left: a bound on
// what is left would be one more border to miss. And an ack that its buyer puts
// on chain before the delivery, or the quorum's, does not undo the voucher: the
// delivery stays bound to the voucher's height, and holds.
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
	return checkCertificates(deal, v.AckHeight)
}
