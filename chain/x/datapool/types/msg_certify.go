package types

import errorsmod "cosmossdk.io/errors"

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
	return nil
}
