package types

import (
	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/group"
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
	return m.Voucher.validate()
}

// validate accepts a nil voucher.
func (v *AckVoucher) validate() error {
	if v == nil {
		return nil
	}
	if v.AckHeight <= 0 || v.ExpiryHeight < v.AckHeight {
		return errorsmod.Wrapf(ErrVoucher, "from height %d to %d", v.AckHeight, v.ExpiryHeight)
	}
	if len(v.PublicKey) != attest.PublicKeyLen || len(v.Signature) != attest.SignatureLen {
		return errorsmod.Wrapf(ErrVoucher, "key of %d and signature of %d bytes", len(v.PublicKey), len(v.Signature))
	}
	return nil
}
