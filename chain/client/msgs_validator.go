package client

import (
	"context"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// RegisterValidator bonds this account; v.Address and v.Status are not read.
func (l *Ledger) RegisterValidator(ctx context.Context, v pdx.Validator) error {
	msg := &types.MsgRegisterValidator{
		Validator: string(l.account), Bond: coin(v.Bond), CommissionBp: v.Commission, MaxCommissionBp: v.MaxCommission,
		MaxCommissionChangeBp: v.MaxChange, PeerId: v.PeerID, Addresses: v.Addresses, Moniker: v.Moniker,
		RecipientKey: recipientKey(v),
	}
	return l.call(ctx, "register validator", msg, &types.MsgRegisterValidatorResponse{})
}

// recipientKey is empty for a validator without one.
func recipientKey(v pdx.Validator) []byte {
	if v.RecipientKey == [32]byte{} {
		return nil
	}
	return v.RecipientKey[:]
}

// UpdateValidator changes the addresses, the moniker and the recipient key of this validator.
func (l *Ledger) UpdateValidator(ctx context.Context, v pdx.Validator) error {
	msg := &types.MsgUpdateValidator{
		Validator: string(l.account), PeerId: v.PeerID, Addresses: v.Addresses, Moniker: v.Moniker, RecipientKey: recipientKey(v),
	}
	return l.call(ctx, "update validator", msg, &types.MsgUpdateValidatorResponse{})
}

// AddBond raises this validator's bond.
func (l *Ledger) AddBond(ctx context.Context, amount pdx.Amount) error {
	msg := &types.MsgAddBond{Validator: string(l.account), Amount: coin(amount)}
	return l.call(ctx, "add to the bond", msg, &types.MsgAddBondResponse{})
}

// SetCommission changes this validator's commission, in basis points, for deals
// that are offered from now on.
func (l *Ledger) SetCommission(ctx context.Context, basisPoints uint32) error {
	msg := &types.MsgSetCommission{Validator: string(l.account), CommissionBp: basisPoints}
	return l.call(ctx, "set commission", msg, &types.MsgSetCommissionResponse{})
}

// SetConditions replaces the conditions under which new pools may name this validator.
func (l *Ledger) SetConditions(ctx context.Context, c pdx.Conditions) error {
	msg := &types.MsgSetConditions{Validator: string(l.account), Conditions: types.Conditions{
		MinIncome: uint64(c.MinIncome), MaxDatasetSize: c.MaxDataset, MaxTermsSize: c.MaxTerms, MediaTypes: c.MediaTypes,
	}}
	for _, b := range c.Buyers {
		msg.Conditions.Buyers = append(msg.Conditions.Buyers, string(b))
	}
	return l.call(ctx, "set conditions", msg, &types.MsgSetConditionsResponse{})
}

// Unbond ends this account's service as a validator and returns when its bond is
// free at the earliest; Withdraw then pays it out.
func (l *Ledger) Unbond(ctx context.Context) (time.Time, error) {
	res := &types.MsgUnbondResponse{}
	err := l.call(ctx, "unbond", &types.MsgUnbond{Validator: string(l.account)}, res)
	return res.UnbondingTime, err
}

// Unjail lets this validator certify again.
func (l *Ledger) Unjail(ctx context.Context) error {
	return l.call(ctx, "unjail", &types.MsgUnjail{Validator: string(l.account)}, &types.MsgUnjailResponse{})
}
