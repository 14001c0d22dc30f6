package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Certify records a validator's verdict. The k-th accept reserves the price; a
// reject that makes k accepts impossible ends the deal at once. Verdicts after the k-th
// accept are recorded until the ack: a duty can be done whoever was faster.
func (s msgServer) Certify(c context.Context, msg *types.MsgCertify) (*types.MsgCertifyResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Validator); err != nil {
		return nil, err
	}
	deal, err := s.deal(ctx, msg.DealId)
	if err != nil {
		return nil, err
	}
	if !deal.State.TakesVerdicts() {
		return nil, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	}
	if err := s.addCertificate(ctx, &deal, msg); err != nil {
		return nil, err
	}
	if err := s.settleVerdicts(ctx, &deal); err != nil {
		return nil, err
	}
	return &types.MsgCertifyResponse{State: deal.State}, nil
}

// addCertificate checks the verdict against the deal and adds it.
func (s msgServer) addCertificate(ctx sdk.Context, deal *types.Deal, msg *types.MsgCertify) error {
	i, err := awaited(ctx, *deal, msg.Validator)
	if err != nil {
		return err
	}
	least, err := s.leastBond(ctx)
	if err != nil {
		return err
	}
	v, err := s.bonded(ctx, msg.Validator, least)
	if err != nil {
		return err
	}
	if err := checkFacts(ctx, *deal, msg.FactsHash); err != nil {
		return err
	}
	if err := deal.CheckTagged(msg); err != nil {
		return err
	}
	if err := s.checkMissingSet(ctx, *deal, msg); err != nil {
		return err
	}
	if err := s.doDuty(ctx, *deal, v, deal.Validators[i].CommissionBp); err != nil {
		return err
	}
	// After the k-th accept a verdict is recorded, and nobody relies on it: it takes no stake.
	counts := deal.State == types.DEAL_STATE_OFFERED
	if counts && msg.Verdict == types.VERDICT_ACCEPT {
		if err := s.checkAccept(ctx, *deal, msg); err != nil {
			return err
		}
	}
	if counts && deal.Counts(msg.Verdict, msg.Available) {
		if err := s.checkStake(ctx, v, *deal); err != nil {
			return err
		}
		if err := s.bind(ctx, msg.Validator, *deal); err != nil {
			return err
		}
	}
	deal.Certificates = append(deal.Certificates, types.Certificate{
		Validator:     msg.Validator,
		Verdict:       msg.Verdict,
		Reason:        msg.Reason,
		ReportHash:    msg.ReportHash,
		DuplicateTag:  msg.DuplicateTag,
		RecordSet:     msg.RecordSet,
		RecordSetSize: msg.RecordSetSize,
		Available:     msg.Available,
		ExpiryHeight:  msg.ExpiryHeight,
		CommissionBp:  deal.Validators[i].CommissionBp,
		Height:        ctx.BlockHeight(),
	})
	return emit(ctx, &types.EventCertificate{
		PoolId: deal.PoolId, DealId: deal.Id, Validator: msg.Validator, Verdict: msg.Verdict, Reason: msg.Reason,
	})
}

// awaited returns the index of a validator that owes the deal a verdict now.
func awaited(ctx sdk.Context, deal types.Deal, validator string) (int, error) {
	if late(ctx, deal) {
		return 0, errorsmod.Wrapf(types.ErrLate, "deal %d took verdicts until %s", deal.Id, deal.DeadlineTime)
	}
	if deal.Undrawn() {
		return 0, errorsmod.Wrapf(types.ErrNotDrawn, "deal %d", deal.Id)
	}
	i := slices.IndexFunc(deal.Validators, func(v types.AcceptedValidator) bool { return v.Address == validator })
	if i < 0 {
		return 0, errorsmod.Wrapf(types.ErrNotAccepted, "deal %d", deal.Id)
	}
	if slices.ContainsFunc(deal.Certificates, func(c types.Certificate) bool { return c.Validator == validator }) {
		return 0, errorsmod.Wrapf(types.ErrCertified, "deal %d", deal.Id)
	}
	return i, nil
}

// checkAccept checks what only an accepting certificate promises. It must hold until the
// last block in which the deal can be acknowledged, or else one validator could stop the
// deal by an accept that expires before.
func (s msgServer) checkAccept(ctx sdk.Context, deal types.Deal, msg *types.MsgCertify) error {
	if least := deal.DeadlineHeight + types.Blocks(deal.Deadlines.Ack, deal.BlockTime); msg.ExpiryHeight < least {
		return errorsmod.Wrapf(types.ErrCertificateExpiry, "height %d, the deal may be acknowledged until %d", msg.ExpiryHeight, least)
	}
	if len(msg.DuplicateTag) == 0 {
		return nil
	}
	taken, err := s.tags.Has(ctx, collections.Join(deal.PoolId, msg.DuplicateTag))
	if err == nil && taken {
		err = errorsmod.Wrapf(types.ErrTagSeen, "pool %d", deal.PoolId)
	}
	return err
}

// checkMissingSet requires that the record set which nobody serves is one that has to be
// compared: a certified deal of the pool holds its tag.
func (s msgServer) checkMissingSet(ctx sdk.Context, deal types.Deal, msg *types.MsgCertify) error {
	if msg.Reason != types.REJECT_REASON_SET {
		return nil
	}
	held, err := s.tags.Has(ctx, collections.Join(deal.PoolId, msg.DuplicateTag))
	if err == nil && (!held || !deal.RefusesDuplicates()) {
		err = errorsmod.Wrapf(types.ErrMissingSet, "pool %d", deal.PoolId)
	}
	return err
}

// settleVerdicts certifies or lapses the deal if its verdicts decide it.
func (s msgServer) settleVerdicts(ctx sdk.Context, deal *types.Deal) error {
	if deal.State == types.DEAL_STATE_CERTIFIED {
		return s.deals.Set(ctx, deal.Id, *deal)
	}
	switch {
	case len(deal.Accepted()) == int(deal.RequiredCertificates):
		if err := s.reserve(ctx, *deal); err != nil {
			return err
		}
		if err := s.holdTag(ctx, *deal); err != nil {
			return err
		}
		return s.enter(ctx, deal, types.DEAL_STATE_CERTIFIED, deal.Deadlines.Ack)
	case deal.Lapses():
		return s.lapse(ctx, deal)
	default:
		return s.deals.Set(ctx, deal.Id, *deal)
	}
}
