package keeper

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/proof"
)

// checkPoolBounds refuses an offer into a pool that is not the one that its seller read.
func checkPoolBounds(pool types.Pool, msg *types.MsgOffer) error {
	switch {
	case msg.Price.Denom != pool.Denom:
		return errorsmod.Wrapf(types.ErrDenom, "price is in %q", msg.Price.Denom)
	case !msg.Price.Amount.Equal(pool.Price):
		return errorsmod.Wrapf(types.ErrOfferPrice, "%s, the offer is for %s", pool.Price, msg.Price.Amount)
	case !bytes.Equal(msg.TermsHash, pool.TermsHash):
		return errorsmod.Wrapf(types.ErrOfferTerms, "pool %d", pool.Id)
	case msg.Dataset.Size_ > pool.MaxDatasetSize:
		return errorsmod.Wrapf(types.ErrDatasetTooLarge, "%d bytes of at most %d", msg.Dataset.Size_, pool.MaxDatasetSize)
	}
	return nil
}

// checkCharges refuses an offer that would cost its seller more than it agreed to.
func checkCharges(msg *types.MsgOffer, denom string, deposit math.Int, validators []types.AcceptedValidator, k uint32) error {
	if sum := types.HighestCommissions(validators, k); sum > uint64(msg.MaxCommissionBp) {
		return errorsmod.Wrapf(types.ErrOfferCommission, "%d basis points of at most %d", sum, msg.MaxCommissionBp)
	}
	if msg.MaxDeposit.Denom != denom {
		return errorsmod.Wrapf(types.ErrDenom, "greatest deposit is in %q", msg.MaxDeposit.Denom)
	}
	if deposit.GT(msg.MaxDeposit.Amount) {
		return errorsmod.Wrapf(types.ErrOfferDeposit, "%s of at most %s", deposit, msg.MaxDeposit.Amount)
	}
	return nil
}

// verifyPossession checks that the seller knows the secret of the dataset key: whoever saw
// an offer cannot claim its dataset.
func verifyPossession(ctx sdk.Context, msg *types.MsgOffer) error {
	ctx.GasMeter().ConsumeGas(types.ProofGas, "dataset key proof")
	bound := attest.OfferDataset{
		ChainID: ctx.ChainID(), Pool: pdx.PoolID(msg.PoolId), Seller: pdx.Address(msg.Seller), Root: pdx.ContentID(msg.Dataset.Root),
	}
	if err := proof.VerifyPop(bound.Hash(), pdx.Element(msg.Dataset.DatasetKey), msg.Possession); err != nil {
		return errorsmod.Wrap(types.ErrPossession, err.Error())
	}
	return nil
}
