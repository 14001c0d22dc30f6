package types

import errorsmod "cosmossdk.io/errors"

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgDraw) ValidateBasic() error {
	switch len(m.Preimage) {
	case 0:
		if m.Height != 0 {
			return errorsmod.Wrapf(ErrDrawHeight, "height %d without a preimage", m.Height)
		}
	case hashLen:
		if m.Height <= 0 {
			return errorsmod.Wrapf(ErrDrawHeight, "height %d", m.Height)
		}
	default:
		return errorsmod.Wrapf(ErrPreimage, "%d bytes", len(m.Preimage))
	}
	return nil
}
