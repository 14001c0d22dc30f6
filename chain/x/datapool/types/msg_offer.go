package types

import (
	"slices"
	"strings"

	errorsmod "cosmossdk.io/errors"
)

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgOffer) ValidateBasic() error {
	if err := m.Dataset.Validate(); err != nil {
		return err
	}
	if err := checkAcceptedValidators(m.Seller, m.Validators); err != nil {
		return err
	}
	if len(m.Agreements) > MaxTerms {
		return errorsmod.Wrapf(ErrAgreements, "%d given, at most %d are taken", len(m.Agreements), MaxTerms)
	}
	if err := checkFields(m.DisclosedFields); err != nil {
		return err
	}
	return m.checkBounds()
}

// checkBounds checks the form of what was agreed.
func (m *MsgOffer) checkBounds() error {
	if err := checkAmount("price", m.Price.Amount); err != nil {
		return err
	}
	if m.MaxCommissionBp > BasisPoints {
		return errorsmod.Wrapf(ErrCommission, "%d of at most %d", m.MaxCommissionBp, BasisPoints)
	}
	if err := checkAmount("greatest deposit", m.MaxDeposit.Amount); err != nil {
		return err
	}
	if len(m.TermsHash) != hashLen {
		return errorsmod.Wrapf(ErrTermsHash, "%d bytes", len(m.TermsHash))
	}
	if len(m.Possession) != popProofLen {
		return errorsmod.Wrapf(ErrPossession, "%d bytes, %d are wanted", len(m.Possession), popProofLen)
	}
	return nil
}

// checkAcceptedValidators refuses the seller as a validator of its own data.
func checkAcceptedValidators(seller string, validators []string) error {
	if n := len(validators); n > MaxPoolValidators {
		return errorsmod.Wrapf(ErrOfferValidators, "%d given, at most %d are taken", n, MaxPoolValidators)
	}
	if v, repeated := firstRepeated(validators); repeated {
		return errorsmod.Wrapf(ErrOfferValidators, "%s stands there twice", v)
	}
	if slices.Contains(validators, seller) {
		return errorsmod.Wrap(ErrOfferValidators, "the seller cannot certify its own dataset")
	}
	return nil
}

// checkFields requires an explicit consent: at least one JSON pointer (RFC 6901), of which
// the empty one means the whole record.
func checkFields(fields []string) error {
	if n := len(fields); n == 0 || n > MaxDisclosedFields {
		return errorsmod.Wrapf(ErrFields, "%d given, from 1 to %d are taken", n, MaxDisclosedFields)
	}
	if f, repeated := firstRepeated(fields); repeated {
		return errorsmod.Wrapf(ErrFields, "%q stands there twice", f)
	}
	for i, f := range fields {
		if checkText("field", f, MaxFieldLen) != nil || !isJSONPointer(f) {
			return errorsmod.Wrapf(ErrFields, "number %d is not a JSON pointer of at most %d bytes", i, MaxFieldLen)
		}
	}
	return nil
}

func isJSONPointer(s string) bool {
	if s != "" && s[0] != '/' {
		return false
	}
	return !strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(s), "~")
}
