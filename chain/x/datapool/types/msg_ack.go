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
	if len(m.FactsHashes) != len(m.DealIds) {
		return errorsmod.Wrapf(ErrFactsHash, "%d for %d deals", len(m.FactsHashes), len(m.DealIds))
	}
	for _, hash := range m.FactsHashes {
		if len(hash) != hashLen {
			return errorsmod.Wrapf(ErrFactsHash, "%d bytes", len(hash))
		}
	}
	return nil
}
