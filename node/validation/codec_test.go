package validation_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/node/validation/validationpb"
)

func frame(body []byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(body))), body...)
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	body, err := proto.Marshal(m)
	require.NoError(t, err)
	return frame(body)
}

func testRequest(deal pdx.DealID) validation.Request {
	r := validation.Request{Deal: deal}
	for i := range r.Opening {
		r.Opening[i] = byte(0xA0 + i)
	}
	r.Proof[63] = 7
	return r
}

func TestRequestRoundTrip(t *testing.T) {
	want := testRequest(1<<64 - 1)
	raw := validation.EncodeRequest(want)
	require.LessOrEqual(t, len(raw), validation.MaxRequest)
	got, err := validation.DecodeRequest(raw)
	require.NoError(t, err)
	require.True(t, want == got)
}

func TestRequestsThatAreRefused(t *testing.T) {
	good := &validationpb.Request{DealId: 1, Opening: make([]byte, 32), Proof: make([]byte, 64)}
	change := func(f func(*validationpb.Request)) []byte {
		m := proto.Clone(good).(*validationpb.Request)
		f(m)
		return marshal(t, m)
	}
	whole := marshal(t, good)
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"no deal":            {change(func(m *validationpb.Request) { m.DealId = 0 }), validation.ErrProtocol},
		"short opening":      {change(func(m *validationpb.Request) { m.Opening = m.Opening[1:] }), validation.ErrProtocol},
		"long proof":         {change(func(m *validationpb.Request) { m.Proof = make([]byte, 65) }), validation.ErrProtocol},
		"empty":              {frame(nil), validation.ErrProtocol},
		"not protobuf":       {frame([]byte{0xff, 0xff, 0xff}), validation.ErrProtocol},
		"too large":          {frame(make([]byte, validation.MaxRequest+1)), validation.ErrProtocol},
		"endless length":     {bytes.Repeat([]byte{0xff}, 20), validation.ErrProtocol},
		"length not minimal": {append([]byte{0x80 | byte(len(whole)-1), 0}, whole[1:]...), validation.ErrProtocol},
		"huge length":        {binary.AppendUvarint(nil, 1<<62), validation.ErrProtocol},
		"cut in the body":    {whole[:len(whole)-1], io.ErrUnexpectedEOF},
		"cut in the length":  {[]byte{0x80}, io.ErrUnexpectedEOF},
		"nothing":            {nil, io.EOF},
	} {
		_, err := validation.DecodeRequest(c.raw)
		require.ErrorIs(t, err, c.want, name)
	}
	_, err := validation.DecodeRequest(whole)
	require.NoError(t, err)
}

func TestProgressRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := pdx.Progress{
			Stage: rapid.SampledFrom([]pdx.Stage{pdx.StageQueued, pdx.StagePulling, pdx.StageChecking, pdx.StageCertifying}).Draw(t, "stage"),
			Done:  rapid.Uint64().Draw(t, "done"), Total: rapid.Uint64().Draw(t, "total"),
			Message: rapid.StringMatching(`[a-z가-힣 ]{0,80}`).Draw(t, "message"),
			Slots:   rapid.IntRange(0, validation.MaxSlots).Draw(t, "slots"),
		}
		if want.Stage == pdx.StageCertifying && rapid.Bool().Draw(t, "pending") {
			want.Verdict = &pdx.Verdict{
				Reason: pdx.RejectCriteria, Report: [32]byte{7},
				Findings: []pdx.Finding{{Record: rapid.Uint64().Draw(t, "record"), Path: "/id", Rule: "schema/type"}},
			}
		}
		got, _, ended, err := validation.DecodeProgress(validation.EncodeProgress(want))
		require.NoError(t, err)
		require.False(t, ended)
		require.Equal(t, want, got)
	})
}

// The fields that came later, as bytes, and what they mean to an asker.
func TestFieldsThatCameLater(t *testing.T) {
	queued := []byte{0x04, 0x08, 0x01, 0x38, 0x10}
	require.Equal(t, queued, validation.EncodeProgress(pdx.Progress{Stage: pdx.StageQueued, Slots: 16}))

	// FAILED, message "full", retry, 16 slots, 1,000 ms
	_, _, ended, err := validation.DecodeProgress([]byte{
		0x0f, 0x08, 0x06, 0x2a, 0x04, 'f', 'u', 'l', 'l', 0x30, 0x01, 0x38, 0x10, 0x40, 0xe8, 0x07,
	})
	require.True(t, ended)
	var b *validation.BusyError
	require.ErrorAs(t, err, &b)
	require.Equal(t, validation.BusyError{After: time.Second, Slots: 16, Why: "full"}, *b)

	// CERTIFYING, pending: accepted, report hash of 32 zeroes
	pending := append([]byte{0x28, 0x08, 0x04, 0x4a, 0x24, 0x08, 0x01, 0x22, 0x20}, make([]byte, 32)...)
	accepted := pdx.Progress{Stage: pdx.StageCertifying, Verdict: &pdx.Verdict{Accepted: true}}
	require.Equal(t, pending, validation.EncodeProgress(accepted))
	got, _, ended, err := validation.DecodeProgress(pending)
	require.NoError(t, err)
	require.False(t, ended)
	require.Equal(t, accepted, got)
	for name, m := range map[string]*validationpb.Progress{
		"of another stage": {Stage: validationpb.Stage_STAGE_CHECKING, Pending: &validationpb.Verdict{
			Accepted: true, ReportHash: make([]byte, 32),
		}},
		"that cannot be": {Stage: validationpb.Stage_STAGE_CERTIFYING, Pending: &validationpb.Verdict{
			Accepted: true, Reason: 1, ReportHash: make([]byte, 32),
		}},
	} {
		_, _, ended, err := validation.DecodeProgress(marshal(t, m))
		require.ErrorIs(t, err, validation.ErrProtocol, name)
		require.True(t, ended, name)
	}

	for name, m := range map[string]*validationpb.Progress{
		"an older validator":      {Stage: validationpb.Stage_STAGE_FAILED, Retry: true},
		"no retry, whatever else": {Stage: validationpb.Stage_STAGE_FAILED, RetryAfterMs: 1000},
	} {
		_, _, _, err := validation.DecodeProgress(marshal(t, m))
		require.Error(t, err, name)
		require.NotErrorIs(t, err, validation.ErrBusy, name)
	}
	_, _, _, err = validation.DecodeProgress(marshal(t, &validationpb.Progress{
		Stage: validationpb.Stage_STAGE_FAILED, Retry: true, RetryAfterMs: 1<<32 - 1, Slots: 1<<32 - 1,
	}))
	require.ErrorAs(t, err, &b)
	require.LessOrEqual(t, b.After, time.Minute)
	require.LessOrEqual(t, b.Slots, validation.MaxSlots)
}

func TestVerdictIsBoundedAndClean(t *testing.T) {
	v := pdx.Verdict{Reason: pdx.RejectCriteria, Report: [32]byte{1}}
	for range 10 * validation.MaxFindings {
		v.Findings = append(v.Findings, pdx.Finding{
			Record: 1<<64 - 1, Path: strings.Repeat("가", 10_000), Rule: "\x1b[31mred\x00\xff\u202e" + strings.Repeat("r", 10_000),
		})
	}
	raw := validation.EncodeVerdict(v)
	require.LessOrEqual(t, len(raw), validation.MaxProgress)
	_, got, ended, err := validation.DecodeProgress(raw)
	require.NoError(t, err)
	require.True(t, ended)
	require.Len(t, got.Findings, validation.MaxFindings)
	for _, f := range got.Findings {
		require.True(t, utf8.ValidString(f.Path))
		require.Equal(t, strings.Repeat("가", len(f.Path)/3), f.Path)
		require.NotContains(t, f.Rule, "\x1b")
		require.NotContains(t, f.Rule, "\u202e")
	}
}

func TestProgressThatIsRefused(t *testing.T) {
	verdict := &validationpb.Verdict{Accepted: true, ReportHash: make([]byte, 32)}
	for name, m := range map[string]*validationpb.Progress{
		"no stage":               {},
		"unknown stage":          {Stage: 99},
		"done without verdict":   {Stage: validationpb.Stage_STAGE_DONE},
		"verdict before the end": {Stage: validationpb.Stage_STAGE_CHECKING, Verdict: verdict},
		"short report":           {Stage: validationpb.Stage_STAGE_DONE, Verdict: &validationpb.Verdict{Accepted: true}},
		"accepted for a reason": {Stage: validationpb.Stage_STAGE_DONE, Verdict: &validationpb.Verdict{
			Accepted: true, Reason: 1, ReportHash: make([]byte, 32),
		}},
		"rejected without one": {Stage: validationpb.Stage_STAGE_DONE, Verdict: &validationpb.Verdict{ReportHash: make([]byte, 32)}},
		"more findings than there are": {Stage: validationpb.Stage_STAGE_DONE, Verdict: &validationpb.Verdict{
			Reason: 3, ReportHash: make([]byte, 32), Findings: make([]*validationpb.Finding, validation.MaxFindings+1),
		}},
	} {
		if v := m.Verdict; v != nil {
			for i := range v.Findings {
				v.Findings[i] = &validationpb.Finding{}
			}
		}
		_, _, ended, err := validation.DecodeProgress(marshal(t, m))
		require.ErrorIs(t, err, validation.ErrProtocol, name)
		require.True(t, ended)
	}
}

func TestRequestHidesTheOpening(t *testing.T) {
	r := testRequest(5)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("asked", "request", r)
	shown := log.String() + fmt.Sprintf("%v %+v %#v %s %x %d", r, r, r, r, r, r)
	require.Contains(t, shown, "deal 5")
	require.NotContains(t, shown, "a0a1a2")
	require.NotContains(t, shown, "160 161")
	require.NotContains(t, shown, "0xa0")
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add(validation.EncodeRequest(testRequest(1)))
	f.Add([]byte{0x80, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := validation.DecodeRequest(raw)
		if err != nil {
			return
		}
		again, err := validation.DecodeRequest(validation.EncodeRequest(r))
		if err != nil || again != r || r.Deal == 0 {
			t.Fatal("what was taken does not survive")
		}
	})
}

func FuzzDecodeProgress(f *testing.F) {
	f.Add(validation.EncodeProgress(pdx.Progress{Stage: pdx.StagePulling, Done: 1, Total: 2}))
	f.Add([]byte{0x09, 0x08, 0x06, 0x30, 0x01, 0x38, 0x10, 0x40, 0xe8, 0x07})
	f.Add(validation.EncodeVerdict(pdx.Verdict{Reason: 3, Findings: []pdx.Finding{{Record: 1, Path: "/a", Rule: "r"}}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, v, ended, err := validation.DecodeProgress(raw)
		var busy *validation.BusyError
		switch {
		case err != nil && !ended:
			t.Fatal("an error that does not end")
		case errors.As(err, &busy) && (busy.After <= 0 || busy.After > time.Minute || busy.Slots < 0 || busy.Slots > validation.MaxSlots):
			t.Fatal("a pause or slots beyond what is believed")
		case err == nil && ended && len(validation.EncodeVerdict(v)) > validation.MaxProgress:
			t.Fatal("a verdict that could not be sent")
		case err == nil && !ended && !utf8.ValidString(p.Message):
			t.Fatal("a message that cannot be shown")
		}
	})
}
