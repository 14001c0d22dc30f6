package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/proof"
)

// Deliver delivers the key. It checks no deadline: until the deal is expired, a late delivery
// is better for both sides than none.
func (s msgServer) Deliver(c context.Context, msg *types.MsgDeliver) (*types.MsgDeliverResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Seller); err != nil {
		return nil, err
	}
	deal, err := s.deal(ctx, msg.DealId)
	if err != nil {
		return nil, err
	}
	if deal.Seller != msg.Seller {
		return nil, errorsmod.Wrapf(types.ErrNotSeller, "of deal %d", deal.Id)
	}
	if msg.Voucher != nil {
		err = s.redeem(ctx, &deal, *msg.Voucher)
	} else if deal.State != types.DEAL_STATE_ACKED {
		err = errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	}
	if err != nil {
		return nil, err
	}
	if err := verifyDelivery(ctx, deal, msg); err != nil {
		return nil, err
	}
	if deal.State == types.DEAL_STATE_CERTIFIED {
		if err := s.enterBy(ctx, &deal, types.DEAL_STATE_ACKED, deal.Deadlines.Key, types.ACK_KIND_VOUCHER); err != nil {
			return nil, err
		}
	}
	deal.Delivery = &types.Delivery{D1: msg.D1, D2: msg.D2, Proof: msg.Proof, Height: ctx.BlockHeight()}
	deal.Shares = deal.Split()
	if err := s.enter(ctx, &deal, types.DEAL_STATE_DELIVERED, deal.Deadlines.Dispute); err != nil {
		return nil, err
	}
	return &types.MsgDeliverResponse{}, s.countDelivery(ctx, deal.PoolId)
}

// verifyDelivery verifies the proof in the context of everything that was agreed.
func verifyDelivery(ctx sdk.Context, deal types.Deal, msg *types.MsgDeliver) error {
	ctx.GasMeter().ConsumeGas(types.ProofGas, "delivery proof")
	terms, err := DeliverContext(ctx.ChainID(), deal)
	if err != nil {
		return err
	}
	ds := deal.Dataset
	err = proof.VerifyDeliver(terms.Hash(), pdx.Element(ds.DatasetKey), [32]byte(ds.Nonce),
		pdx.Element(deal.BuyerKey), pdx.Element(msg.D1), pdx.Element(msg.D2), msg.Proof)
	if err != nil {
		return errorsmod.Wrap(types.ErrDeliverProof, err.Error())
	}
	return nil
}

// DeliverContext returns the context of a delivery of the deal, at the deal's ack height.
func DeliverContext(chainID string, deal types.Deal) (attest.Deliver, error) {
	criteria, err := pdx.ContentIDFromBytes(deal.CriteriaCid)
	if err != nil {
		return attest.Deliver{}, errorsmod.Wrap(types.ErrCriteria, err.Error())
	}
	return attest.Deliver{
		ChainID:   chainID,
		Pool:      pdx.PoolID(deal.PoolId),
		Deal:      pdx.DealID(deal.Id),
		Seller:    pdx.Address(deal.Seller),
		Buyer:     pdx.Address(deal.Buyer),
		Denom:     deal.Denom,
		Price:     deal.Price.Uint64(),
		Cert:      attest.CertHash(dataset(deal.Dataset), criteria, certificates(deal.Accepted())),
		AckHeight: deal.AckHeight,
	}, nil
}

// countDelivery counts a delivered deal, and marks an open pool as filled if it has all.
func (s msgServer) countDelivery(ctx sdk.Context, id uint64) error {
	pool, err := s.pool(ctx, id)
	if err != nil {
		return err
	}
	pool.DeliveredCount++
	if pool.Status == types.POOL_STATUS_OPEN && pool.DeliveredCount == pool.TargetCount {
		return s.endPool(ctx, &pool, types.POOL_STATUS_FILLED, math.ZeroInt())
	}
	return s.pools.Set(ctx, id, pool)
}
