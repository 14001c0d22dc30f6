package types

import (
	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/exchange/group"
)

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgComplain) ValidateBasic() error {
	switch {
	case (m.Segment == nil) == (m.Box == nil):
		return ErrComplaintKind
	case m.Segment != nil:
		if n := len(m.Segment.Slice); n == 0 || n > MaxSliceLen {
			return errorsmod.Wrapf(ErrSlice, "%d bytes, from 1 to %d are taken", n, MaxSliceLen)
		}
		return checkComplaint(m.Segment.BlockKey, m.Segment.Proof)
	default:
		return checkComplaint(m.Box.Opening, m.Box.Proof)
	}
}

func checkComplaint(element, proof []byte) error {
	if _, err := group.DecodePoint(element); err != nil {
		return errorsmod.Wrap(ErrComplaint, err.Error())
	}
	if len(proof) != complainProofLen {
		return errorsmod.Wrapf(ErrComplaint, "proof has %d bytes, %d are wanted", len(proof), complainProofLen)
	}
	return nil
}
