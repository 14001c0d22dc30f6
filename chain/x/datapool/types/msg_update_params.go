package types

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgUpdateParams) ValidateBasic() error { return m.Params.Validate() }
