package types

import (
	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/transfer/group"
)

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgDeliver) ValidateBasic() error {
	if _, err := group.DecodePoint(m.D1); err != nil {
		return errorsmod.Wrapf(ErrDelivery, "D1: %s", err)
	}
	if _, err := group.DecodePoint(m.D2); err != nil {
		return errorsmod.Wrapf(ErrDelivery, "D2: %s", err)
	}
	if len(m.Proof) != deliverProofLen {
		return errorsmod.Wrapf(ErrDelivery, "proof has %d bytes, %d are wanted", len(m.Proof), deliverProofLen)
	}
	return nil
}
