package types

import (
	"strings"

	errorsmod "cosmossdk.io/errors"
)

// checkCommission refuses a commission above its own bounds or the whole price.
func checkCommission(now, most, change uint32) error {
	if most > BasisPoints || now > most || change > most {
		return errorsmod.Wrapf(ErrCommission, "commission %d and change %d must be within the maximum %d, which is at most %d",
			now, change, most, BasisPoints)
	}
	return nil
}

// checkContact refuses a peer id, addresses or a moniker that no peer could
// use. What they mean is libp2p's; the chain only bounds them.
func checkContact(peerID string, addresses []string, moniker string) error {
	if peerID == "" || len(peerID) > MaxPeerIDLen || !visible(peerID) {
		return errorsmod.Wrapf(ErrPeerID, "from 1 to %d visible characters are wanted", MaxPeerIDLen)
	}
	if len(addresses) > MaxPeerAddresses {
		return errorsmod.Wrapf(ErrPeerAddresses, "%d given, at most %d are taken", len(addresses), MaxPeerAddresses)
	}
	if a, repeated := firstRepeated(addresses); repeated {
		return errorsmod.Wrapf(ErrPeerAddresses, "%q stands there twice", a)
	}
	for i, a := range addresses {
		if len(a) > MaxPeerAddressLen || !strings.HasPrefix(a, "/") || !visible(a) {
			return errorsmod.Wrapf(ErrPeerAddresses, "number %d is not a multiaddr of at most %d bytes", i, MaxPeerAddressLen)
		}
	}
	return checkText("moniker", moniker, MaxMonikerLen)
}

// Validate refuses a validator that no message could have made.
func (v Validator) Validate() error {
	// A bond may have been slashed to nothing.
	if v.Bond.IsNil() || v.Bond.IsNegative() || !v.Bond.IsUint64() {
		return errorsmod.Wrapf(ErrAmount, "bond of %s", v.Address)
	}
	if err := checkCommission(v.CommissionBp, v.MaxCommissionBp, v.MaxCommissionChangeBp); err != nil {
		return err
	}
	if err := v.checkStatus(); err != nil {
		return err
	}
	if err := v.Duties.validate(); err != nil {
		return err
	}
	if v.Status == VALIDATOR_STATUS_UNBONDED && v.PeerId == "" && len(v.Addresses) == 0 && v.Moniker == "" && len(v.RecipientKey) == 0 {
		return nil // it left
	}
	if err := checkRecipient(v.RecipientKey); err != nil {
		return err
	}
	return checkContact(v.PeerId, v.Addresses, v.Moniker)
}

// checkStatus holds status, times and bond against each other.
func (v Validator) checkStatus() error {
	if _, known := ValidatorStatus_name[int32(v.Status)]; !known || v.Status == VALIDATOR_STATUS_UNSPECIFIED {
		return errorsmod.Wrapf(ErrValidatorStatus, "status %d", v.Status)
	}
	if (v.Status == VALIDATOR_STATUS_UNBONDING) == v.UnbondingTime.IsZero() {
		return errorsmod.Wrapf(ErrValidatorStatus, "unbonding time does not fit %s", v.Status)
	}
	if v.Status == VALIDATOR_STATUS_UNBONDED && !v.Bond.IsZero() {
		return errorsmod.Wrapf(ErrValidatorStatus, "an unbonded validator has a bond of %s", v.Bond)
	}
	return nil
}
