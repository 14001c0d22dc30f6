package types

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgUpdateValidator) ValidateBasic() error {
	return checkContact(m.PeerId, m.Addresses, m.Moniker)
}
