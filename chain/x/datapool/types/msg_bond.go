package types

import errorsmod "cosmossdk.io/errors"

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgAddBond) ValidateBasic() error { return checkAmount("amount", m.Amount.Amount) }

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgSetCommission) ValidateBasic() error {
	if m.CommissionBp > BasisPoints {
		return errorsmod.Wrapf(ErrCommission, "%d of at most %d", m.CommissionBp, BasisPoints)
	}
	return nil
}
