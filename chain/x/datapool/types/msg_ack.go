package types

import errorsmod "cosmossdk.io/errors"

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgAck) ValidateBasic() error {
	if n := len(m.DealIds); n == 0 || n > MaxAcks {
		return errorsmod.Wrapf(ErrAckCount, "%d given", n)
	}
	if id, repeated := firstRepeated(m.DealIds); repeated {
		return errorsmod.Wrapf(ErrAckRepeated, "deal %d", id)
	}
	return nil
}
