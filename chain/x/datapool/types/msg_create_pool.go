package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgCreatePool) ValidateBasic() error {
	if _, err := group.DecodePoint(m.BuyerKey); err != nil {
		return errorsmod.Wrap(ErrBuyerKey, err.Error())
	}
	if len(m.KeyProof) != popProofLen {
		return errorsmod.Wrapf(ErrKeyProof, "%d bytes, %d are wanted", len(m.KeyProof), popProofLen)
	}
	if err := m.checkMoney(); err != nil {
		return err
	}
	if _, err := pdx.ContentIDFromBytes(m.CriteriaCid); err != nil {
		return errorsmod.Wrap(ErrCriteria, err.Error())
	}
	if err := checkPoolValidators(m.Buyer, m.Validators, m.RequiredCertificates); err != nil {
		return err
	}
	if err := checkDrawCount(m.DrawCount, m.RequiredCertificates, len(m.Validators)); err != nil {
		return err
	}
	if err := checkDrawCommitment(m.DrawCount, m.DrawCommitment); err != nil {
		return err
	}
	if err := checkReward(m.VerdictReward, m.Price.Amount, m.DrawCount, len(m.Validators)); err != nil {
		return err
	}
	if err := checkTagCommitment(m.TagCommitment, m.MaxOverlapPpm); err != nil {
		return err
	}
	if err := checkTagKeys(m.TagCommitment, m.TagKeys, len(m.Validators)); err != nil {
		return err
	}
	if m.AckMode != ACK_MODE_UNSPECIFIED {
		if err := m.AckMode.validate(); err != nil {
			return err
		}
	}
	if err := checkTerms(m.Terms); err != nil {
		return err
	}
	if m.MaxDatasetSize > MaxDatasetSize {
		return errorsmod.Wrapf(ErrMaxDatasetSize, "%d bytes, at most %d are taken", m.MaxDatasetSize, uint64(MaxDatasetSize))
	}
	return checkTitle(m.Title, m.MediaType)
}

// checkMoney checks that the escrow is price times target count. All three fit 64 bits, so
// nodes can use 64-bit amounts.
func (m *MsgCreatePool) checkMoney() error {
	if err := checkAmount("price", m.Price.Amount); err != nil {
		return err
	}
	if m.TargetCount == 0 {
		return ErrTargetCount
	}
	if err := checkAmount("escrow", m.Escrow.Amount); err != nil {
		return err
	}
	if want := m.Price.Amount.Mul(math.NewIntFromUint64(m.TargetCount)); !m.Escrow.Amount.Equal(want) {
		return errorsmod.Wrapf(ErrEscrow, "%s is given, %s × %d is %s", m.Escrow.Amount, m.Price.Amount, m.TargetCount, want)
	}
	return nil
}

// checkPoolValidators refuses the buyer as a validator, which would see the plaintext before
// it pays.
func checkPoolValidators(buyer string, validators []string, required uint32) error {
	if n := len(validators); n == 0 || n > MaxPoolValidators {
		return errorsmod.Wrapf(ErrPoolValidators, "%d given, from 1 to %d are taken", n, MaxPoolValidators)
	}
	if v, repeated := firstRepeated(validators); repeated {
		return errorsmod.Wrapf(ErrPoolValidators, "%s stands there twice", v)
	}
	if slices.Contains(validators, buyer) {
		return errorsmod.Wrap(ErrPoolValidators, "the buyer cannot validate for its own pool")
	}
	if required == 0 || int(required) > len(validators) {
		return errorsmod.Wrapf(ErrCertificateCount, "%d of %d validators", required, len(validators))
	}
	return nil
}

// checkDrawCount checks the number of validators to draw; 0 means no draw.
func checkDrawCount(count, required uint32, validators int) error {
	if count != 0 && (count < required || int(count) > validators) {
		return errorsmod.Wrapf(ErrDrawCount, "%d of %d validators, %d certificates", count, validators, required)
	}
	return nil
}

func checkTerms(terms []Term) error {
	if len(terms) > MaxTerms {
		return errorsmod.Wrapf(ErrTerms, "%d given, at most %d are taken", len(terms), MaxTerms)
	}
	seen := make(map[uint32]struct{}, len(terms))
	for _, t := range terms {
		if _, again := seen[t.Id]; again {
			return errorsmod.Wrapf(ErrTerms, "id %d stands there twice", t.Id)
		}
		seen[t.Id] = struct{}{}
		if t.Title == "" {
			return errorsmod.Wrapf(ErrTerms, "term %d has no title", t.Id)
		}
		if err := checkText("title of a term", t.Title, MaxTermTitleLen); err != nil {
			return err
		}
		if err := checkParagraphs("description of a term", t.Description, MaxTermDescriptionLen); err != nil {
			return err
		}
	}
	return nil
}

func checkTitle(title, mediaType string) error {
	if err := checkText("title", title, MaxTitleLen); err != nil {
		return err
	}
	return checkText("media type", mediaType, MaxMediaTypeLen)
}
