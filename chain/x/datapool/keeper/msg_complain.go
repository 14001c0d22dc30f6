package keeper

import (
	"context"
	"errors"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
)

// Complain convicts a delivered deal whose certified ciphertext or box does not open. The
// verdict is what everybody can compute from the evidence: a complaint about a dataset that
// opens is refused without effect.
func (s msgServer) Complain(c context.Context, msg *types.MsgComplain) (*types.MsgComplainResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Buyer); err != nil {
		return nil, err
	}
	deal, err := s.disputed(ctx, msg)
	if err != nil {
		return nil, err
	}
	conviction := types.Conviction{Kind: types.COMPLAINT_KIND_BOX}
	if msg.Segment != nil {
		conviction.Kind, conviction.Segment = types.COMPLAINT_KIND_SEGMENT, msg.Segment.Index
		err = judgeSegment(ctx.ChainID(), deal, *msg.Segment, ctx.GasMeter().ConsumeGas)
	} else {
		err = judgeBox(ctx.ChainID(), deal, *msg.Box, ctx.GasMeter().ConsumeGas)
	}
	if err != nil {
		return nil, err
	}
	credited, err := s.convict(ctx, &deal, conviction)
	if err != nil {
		return nil, err
	}
	return &types.MsgComplainResponse{Credited: sdk.NewCoin(deal.Denom, credited)}, nil
}

// disputed returns the deal if its buyer may still complain about it.
func (s msgServer) disputed(ctx sdk.Context, msg *types.MsgComplain) (types.Deal, error) {
	deal, err := s.deal(ctx, msg.DealId)
	if err != nil {
		return deal, err
	}
	if deal.Buyer != msg.Buyer {
		return deal, errorsmod.Wrapf(types.ErrNotBuyer, "of deal %d", deal.Id)
	}
	if deal.State != types.DEAL_STATE_DELIVERED {
		return deal, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	}
	if late(ctx, deal) {
		return deal, errorsmod.Wrapf(types.ErrLate, "deal %d was to be disputed by %s", deal.Id, deal.DeadlineTime)
	}
	return deal, nil
}

// consumer takes units of gas before work that they pay for.
type consumer = func(units uint64, what string)

// judgeSegment returns nil only if the evidence is the certified segment, the key is that of
// its block, and the segment does not decrypt.
func judgeSegment(chainID string, deal types.Deal, c types.SegmentComplaint, consume consumer) error {
	ds := dataset(deal.Dataset)
	if c.Index >= seal.Segments(ds.Size) {
		return errorsmod.Wrapf(types.ErrSegmentIndex, "segment %d of %d", c.Index, seal.Segments(ds.Size))
	}
	consume(types.ProofGas, "complaint proof")
	block := c.Index / seal.BlockSegments
	bound := attest.ComplainBlock{ChainID: chainID, Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer), Block: block}
	if err := proof.VerifyComplaint(bound.Hash(), ds.Key, ds.Nonce, block, pdx.Element(c.BlockKey), c.Proof); err != nil {
		return errorsmod.Wrap(types.ErrComplaintProof, err.Error())
	}
	consume(types.SliceGas(len(c.Slice)), "complaint slice")
	sealed, err := bao.VerifySegment(c.Slice, ds.Root, ds.Size, c.Index)
	if err != nil {
		return errorsmod.Wrap(types.ErrSlice, err.Error())
	}
	_, err = seal.OpenSegment(pdx.Element(c.BlockKey), ds, c.Index, sealed)
	return verdict(err, types.ErrSegmentOpens, func() bool {
		var bad *seal.SegmentError
		return errors.As(err, &bad)
	})
}

// judgeBox returns nil only if M is what was delivered and the box does not open to the
// dataset's key under it.
func judgeBox(chainID string, deal types.Deal, c types.BoxComplaint, consume consumer) error {
	consume(types.ProofGas, "complaint proof")
	bound := attest.ComplainBox{ChainID: chainID, Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer)}
	d := deal.Delivery
	err := proof.VerifyOpen(bound.Hash(), pdx.Element(deal.BuyerKey), pdx.Element(d.D1), pdx.Element(d.D2), pdx.Element(c.Opening), c.Proof)
	if err != nil {
		return errorsmod.Wrap(types.ErrComplaintProof, err.Error())
	}
	consume(types.BoxGas, "complaint box")
	_, err = seal.OpenDataset(pdx.Element(c.Opening), dataset(deal.Dataset))
	return verdict(err, types.ErrBoxOpens, func() bool { return errors.Is(err, seal.ErrBox) })
}

// verdict turns the outcome of an opening into that of a complaint about it. Only a failure
// that is the dataset's fault convicts; any other means that the module could not judge.
func verdict(opening error, opens *errorsmod.Error, guilty func() bool) error {
	switch {
	case opening == nil:
		return opens
	case guilty():
		return nil
	default:
		return errorsmod.Wrap(types.ErrComplaint, opening.Error())
	}
}
