package types

import (
	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/group"
)

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

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgCertify) ValidateBasic() error {
	if len(m.FactsHash) != hashLen {
		return errorsmod.Wrapf(ErrFactsHash, "%d bytes", len(m.FactsHash))
	}
	if err := checkVerdict(m.Verdict, m.Reason, m.ReportHash, m.DuplicateTag); err != nil {
		return err
	}
	return checkRecordSet(m.DuplicateTag, m.RecordSet, m.RecordSetSize)
}

func checkVerdict(verdict Verdict, reason RejectReason, report, tag []byte) error {
	_, known := RejectReason_name[int32(reason)]
	switch {
	case verdict == VERDICT_ACCEPT && reason == REJECT_REASON_UNSPECIFIED:
	case verdict == VERDICT_REJECT && reason != REJECT_REASON_UNSPECIFIED && known:
	default:
		return errorsmod.Wrapf(ErrVerdict, "verdict %d, reason %d", verdict, reason)
	}
	if len(report) != hashLen {
		return errorsmod.Wrapf(ErrReportHash, "%d bytes", len(report))
	}
	if len(tag) != 0 && len(tag) != hashLen {
		return errorsmod.Wrapf(ErrTag, "%d bytes", len(tag))
	}
	if reason == REJECT_REASON_SET && len(tag) == 0 {
		return errorsmod.Wrap(ErrMissingSet, "none is named")
	}
	return nil
}

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgChallenge) ValidateBasic() error {
	if len(m.FactsHash) != hashLen {
		return errorsmod.Wrapf(ErrFactsHash, "%d bytes", len(m.FactsHash))
	}
	return checkChunks(m.Chunks)
}

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgAnswer) ValidateBasic() error {
	if n := len(m.Slices); n == 0 || n > MaxChallengeChunks {
		return errorsmod.Wrapf(ErrAnswer, "%d slices", n)
	}
	for _, slice := range m.Slices {
		if n := len(slice); n == 0 || n > MaxChunkSliceLen {
			return errorsmod.Wrapf(ErrAnswerSlice, "%d bytes, from 1 to %d are taken", n, MaxChunkSliceLen)
		}
	}
	return nil
}

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
