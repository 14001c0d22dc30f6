package types

import (
	errorsmod "cosmossdk.io/errors"
)

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgRegisterValidator) ValidateBasic() error {
	if err := checkAmount("bond", m.Bond.Amount); err != nil {
		return err
	}
	if err := checkCommission(m.CommissionBp, m.MaxCommissionBp, m.MaxCommissionChangeBp); err != nil {
		return err
	}
	if err := checkContact(m.PeerId, m.Addresses, m.Moniker); err != nil {
		return err
	}
	return checkRecipient(m.RecipientKey)
}

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgUpdateValidator) ValidateBasic() error {
	if err := checkContact(m.PeerId, m.Addresses, m.Moniker); err != nil {
		return err
	}
	return checkRecipient(m.RecipientKey)
}

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgAddBond) ValidateBasic() error { return checkAmount("amount", m.Amount.Amount) }

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgSetCommission) ValidateBasic() error {
	if m.CommissionBp > BasisPoints {
		return errorsmod.Wrapf(ErrCommission, "%d of at most %d", m.CommissionBp, BasisPoints)
	}
	return nil
}
