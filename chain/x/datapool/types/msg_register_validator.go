package types

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
