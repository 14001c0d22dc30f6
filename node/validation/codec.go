package validation

import (
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/validation/validationpb"
)

func encodeRequest(r Request) *validationpb.Request {
	return &validationpb.Request{DealId: uint64(r.Deal), Opening: r.Opening[:], Proof: r.Proof[:]}
}

func decodeRequest(m *validationpb.Request) (Request, error) {
	r := Request{Deal: pdx.DealID(m.GetDealId())}
	if r.Deal == 0 || len(m.GetOpening()) != len(r.Opening) || len(m.GetProof()) != len(r.Proof) {
		return Request{}, fmt.Errorf("%w: a request wants a deal, an opening of 32 and a proof of 64 bytes", ErrProtocol)
	}
	copy(r.Opening[:], m.GetOpening())
	copy(r.Proof[:], m.GetProof())
	return r, nil
}

var stageNumbers = map[pdx.Stage]validationpb.Stage{
	pdx.StageQueued:     validationpb.Stage_STAGE_QUEUED,
	pdx.StagePulling:    validationpb.Stage_STAGE_PULLING,
	pdx.StageChecking:   validationpb.Stage_STAGE_CHECKING,
	pdx.StageCertifying: validationpb.Stage_STAGE_CERTIFYING,
}

var stageNames = map[validationpb.Stage]pdx.Stage{
	validationpb.Stage_STAGE_QUEUED:     pdx.StageQueued,
	validationpb.Stage_STAGE_PULLING:    pdx.StagePulling,
	validationpb.Stage_STAGE_CHECKING:   pdx.StageChecking,
	validationpb.Stage_STAGE_CERTIFYING: pdx.StageCertifying,
	validationpb.Stage_STAGE_DONE:       pdx.StageDone,
	validationpb.Stage_STAGE_FAILED:     pdx.StageFailed,
}

func encodeProgress(p pdx.Progress) *validationpb.Progress {
	m := &validationpb.Progress{
		Stage: stageNumbers[p.Stage], Done: p.Done, Total: p.Total, Message: text.Clean(p.Message, maxMessage), Slots: uint32(p.Slots),
	}
	if p.Verdict != nil && p.Stage == pdx.StageCertifying {
		m.Pending = encodeVerdict(*p.Verdict)
	}
	return m
}

func encodeDone(v pdx.Verdict) *validationpb.Progress {
	return &validationpb.Progress{Stage: validationpb.Stage_STAGE_DONE, Verdict: encodeVerdict(v)}
}

func encodeVerdict(v pdx.Verdict) *validationpb.Verdict {
	verdict := &validationpb.Verdict{Accepted: v.Accepted, Reason: uint32(v.Reason), ReportHash: v.Report[:], Total: v.Total}
	for _, f := range v.Findings[:min(len(v.Findings), maxFindings)] {
		verdict.Findings = append(verdict.Findings, &validationpb.Finding{
			Record: f.Record, Path: text.Clean(f.Path, maxText), Rule: text.Clean(f.Rule, maxText),
		})
	}
	return verdict
}

// encodeFailure tells the asker why, in words, and whether and when to ask again.
func encodeFailure(err error, slots int) *validationpb.Progress {
	m := &validationpb.Progress{
		Stage:   validationpb.Stage_STAGE_FAILED,
		Message: text.Clean(err.Error(), maxMessage),
		Retry:   errors.Is(err, pdx.ErrUnavailable) || errors.Is(err, pdx.ErrNotFound),
		Slots:   uint32(slots),
	}
	if errors.Is(err, ErrBusy) {
		m.RetryAfterMs = uint32(busyRetry.Milliseconds())
	}
	return m
}

// decodeProgress reads a frame that does not end the validation as a Progress,
// and one that does as a verdict or an error; ended tells which.
func decodeProgress(m *validationpb.Progress) (p pdx.Progress, v pdx.Verdict, ended bool, err error) {
	stage, ok := stageNames[m.GetStage()]
	if !ok || (m.GetVerdict() != nil) != (stage == pdx.StageDone) || m.GetPending() != nil && stage != pdx.StageCertifying {
		return pdx.Progress{}, pdx.Verdict{}, true, fmt.Errorf("%w: stage %d", ErrProtocol, m.GetStage())
	}
	message, slots := text.Clean(m.GetMessage(), maxMessage), int(min(m.GetSlots(), maxSlots))
	switch {
	case stage == pdx.StageDone:
		v, err = decodeVerdict(m.GetVerdict())
		return pdx.Progress{}, v, true, err
	case stage == pdx.StageFailed && m.GetRetry() && m.GetRetryAfterMs() > 0:
		after := min(time.Duration(m.GetRetryAfterMs())*time.Millisecond, maxBusyRetry)
		return pdx.Progress{}, pdx.Verdict{}, true, &BusyError{After: after, Slots: slots, Why: message}
	case stage == pdx.StageFailed && m.GetRetry():
		return pdx.Progress{}, pdx.Verdict{}, true, fmt.Errorf("validator: %w: %s", pdx.ErrUnavailable, message)
	case stage == pdx.StageFailed:
		return pdx.Progress{}, pdx.Verdict{}, true, fmt.Errorf("validator: %w: %s", pdx.ErrRefused, message)
	}
	p = pdx.Progress{Stage: stage, Done: m.GetDone(), Total: m.GetTotal(), Message: message, Slots: slots}
	if m.GetPending() != nil {
		pending, err := decodeVerdict(m.GetPending())
		if err != nil {
			return pdx.Progress{}, pdx.Verdict{}, true, err
		}
		p.Verdict = &pending
	}
	return p, pdx.Verdict{}, false, nil
}

func decodeVerdict(m *validationpb.Verdict) (pdx.Verdict, error) {
	v := pdx.Verdict{Accepted: m.GetAccepted(), Reason: pdx.RejectReason(m.GetReason())}
	if len(m.GetReportHash()) != len(v.Report) || v.Accepted != (v.Reason == 0) || len(m.GetFindings()) > maxFindings {
		return pdx.Verdict{}, fmt.Errorf("%w: a verdict that cannot be", ErrProtocol)
	}
	copy(v.Report[:], m.GetReportHash())
	v.Total = m.GetTotal()
	for _, f := range m.GetFindings() {
		v.Findings = append(v.Findings, pdx.Finding{
			Record: f.GetRecord(), Path: text.Clean(f.GetPath(), maxText), Rule: text.Clean(f.GetRule(), maxText),
		})
	}
	return v, nil
}
