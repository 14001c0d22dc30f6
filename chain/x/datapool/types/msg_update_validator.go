package types

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgUpdateValidator) ValidateBasic() error {
	if err := checkContact(m.PeerId, m.Addresses, m.Moniker); err != nil {
		return err
	}
	return checkRecipient(m.RecipientKey)
}
