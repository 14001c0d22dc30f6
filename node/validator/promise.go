package validator

import (
	"context"

	"github.com/medibloc/pdx"
)

// acknowledge brings a record to the certificate that the chain holds: what the
// chain shows decides, whatever was recorded before it was sent. It is repeated
// until it is on disk, so that a crash, a full disk or a late block between the
// transaction and the record breaks no promise.
func (s *Service) acknowledge(ctx context.Context, record Record, c pdx.Certificate) (Record, error) {
	if s.duties.has(record.Deal) { // it is done once the certificate is proven
		s.duties.hint(record.Deal)
	}
	if v := record.Verdict; v == nil || v.Report != c.Report || v.Accepted != c.Accepted {
		record.Verdict = &pdx.Verdict{Accepted: c.Accepted, Reason: c.Reason, Report: c.Report}
	} else if record.Certified && record.Promised == c.Available {
		return record, nil
	}
	record.Certified, record.Promised = true, c.Available
	if err := s.records.putShown(ctx, record); err != nil {
		return record, ownFault("this validator cannot write its records", err)
	}
	return record, nil
}
