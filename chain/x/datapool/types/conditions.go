package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// DefaultConditions are those of a validator that stated none: every buyer, media type and
// text, and no income. A dataset has at most 64 GiB, what a validator of this repository
// checks unless it is set otherwise: 1 MiB/s, the rate of the default parameters, brings it
// in a quarter of the default certify deadline.
func DefaultConditions() Conditions {
	return Conditions{MaxDatasetSize: 1 << 36, MaxTermsSize: MaxTermsSize}
}

// Validate refuses conditions that no message could have stated.
func (c Conditions) Validate() error {
	if c.MaxDatasetSize == 0 || c.MaxDatasetSize > MaxDatasetSize {
		return errorsmod.Wrapf(ErrConditions, "largest dataset must be from 1 to %d bytes", uint64(MaxDatasetSize))
	}
	if c.MaxTermsSize > MaxTermsSize {
		return errorsmod.Wrapf(ErrConditions, "text of terms must be at most %d bytes", MaxTermsSize)
	}
	if n := len(c.Buyers); n > MaxConditionBuyers {
		return errorsmod.Wrapf(ErrConditions, "%d buyers given, at most %d are taken", n, MaxConditionBuyers)
	}
	if b, repeated := firstRepeated(c.Buyers); repeated {
		return errorsmod.Wrapf(ErrConditions, "buyer %s stands there twice", b)
	}
	return c.checkMediaTypes()
}

func (c Conditions) checkMediaTypes() error {
	if n := len(c.MediaTypes); n > MaxConditionMediaTypes {
		return errorsmod.Wrapf(ErrConditions, "%d media types given, at most %d are taken", n, MaxConditionMediaTypes)
	}
	var folded []string
	for _, m := range c.MediaTypes {
		if m == "" || checkText("media type", m, MaxMediaTypeLen) != nil {
			return errorsmod.Wrapf(ErrConditions, "a media type is empty, too long or not printable")
		}
		folded = append(folded, FoldMediaType(m))
	}
	if m, repeated := firstRepeated(folded); repeated {
		return errorsmod.Wrapf(ErrConditions, "media type %s stands there twice", m)
	}
	return nil
}

// Check refuses a pool, with the texts of its terms, that a validator with these conditions
// did not agree to check for. income is what the validator gets of a dataset of the pool.
func (c Conditions) Check(pool Pool, income math.Int) error {
	switch size := TermsSize(pool.Terms); {
	case len(c.Buyers) > 0 && !slices.Contains(c.Buyers, pool.Buyer):
		return errorsmod.Wrapf(ErrPoolConditions, "the buyer %s is not one of its buyers", pool.Buyer)
	case income.LT(math.NewIntFromUint64(c.MinIncome)):
		return errorsmod.Wrapf(ErrPoolConditions, "it gets %s of a dataset and requires %d", income, c.MinIncome)
	case pool.MaxDatasetSize > c.MaxDatasetSize:
		return errorsmod.Wrapf(ErrPoolConditions, "a dataset may have %d bytes, it checks at most %d", pool.MaxDatasetSize, c.MaxDatasetSize)
	case size > c.MaxTermsSize:
		return errorsmod.Wrapf(ErrPoolConditions, "the terms have %d bytes of text, it reads at most %d", size, c.MaxTermsSize)
	case len(c.MediaTypes) > 0 && !slices.ContainsFunc(c.MediaTypes, func(m string) bool {
		return FoldMediaType(m) == FoldMediaType(pool.MediaType)
	}):
		return errorsmod.Wrapf(ErrPoolConditions, "it does not check the media type %q", pool.MediaType)
	}
	return nil
}

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgSetConditions) ValidateBasic() error { return m.Conditions.Validate() }

func (g GenesisState) checkConditions() error {
	validators := map[string]struct{}{}
	for _, v := range g.Validators {
		validators[v.Address] = struct{}{}
	}
	for _, c := range g.Conditions {
		if _, known := validators[c.Validator]; !known {
			return errorsmod.Wrapf(ErrGenesis, "conditions of %q, who is not a validator or has others", c.Validator)
		}
		delete(validators, c.Validator)
		if err := c.Conditions.Validate(); err != nil {
			return errorsmod.Wrapf(err, "conditions of %s", c.Validator)
		}
	}
	return nil
}
