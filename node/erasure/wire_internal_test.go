package erasure

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/erasure/erasurepb"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/p2p/stream"
)

func read(raw []byte, m proto.Message) error {
	return stream.ReadFrame(bufio.NewReader(bytes.NewReader(raw)), maxFrame, m)
}

func largest() Request {
	return Request{
		Deal: 1<<64 - 1, Asked: time.Unix(maxTime, 0).UTC(), Reason: strings.Repeat("r", MaxText),
		PublicKey: make([]byte, 33), Signature: make([]byte, 64),
	}
}

func TestLargestFramesFit(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, stream.WriteFrame(&b, encodeRequest(largest())))
	require.LessOrEqual(t, b.Len(), 2*maxFrame/3)
	b.Reset()
	answer := &model.ErasureAnswer{
		Erased: true, At: time.Unix(maxTime, 0), Note: strings.Repeat("n", MaxText), PublicKey: make([]byte, 33), Signature: make([]byte, 64),
	}
	require.NoError(t, stream.WriteFrame(&b, encodeAnswer(answer, nil)))
	require.LessOrEqual(t, b.Len(), 2*maxFrame/3)
}

func TestMalformedRequests(t *testing.T) {
	for name, spoil := range map[string]func(*erasurepb.Request){
		"no deal": func(m *erasurepb.Request) { m.DealId = 0 }, "no time": func(m *erasurepb.Request) { m.Asked = 0 },
		"before 1970": func(m *erasurepb.Request) { m.Asked = -1 }, "after 9999": func(m *erasurepb.Request) { m.Asked = maxTime + 1 },
		"long reason": func(m *erasurepb.Request) { m.Reason += "r" }, "short key": func(m *erasurepb.Request) { m.PublicKey = m.PublicKey[:32] },
		"no signature": func(m *erasurepb.Request) { m.Signature = nil },
	} {
		m := encodeRequest(largest())
		spoil(m)
		_, err := decodeRequest(m)
		require.ErrorIs(t, err, ErrProtocol, name)
	}
}

func FuzzRequest(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, stream.WriteFrame(&b, encodeRequest(largest())))
	f.Add(b.Bytes())
	f.Add([]byte{0xff, 0xff, 0x03})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m erasurepb.Request
		if read(raw, &m) != nil {
			return
		}
		r, err := decodeRequest(&m)
		if err != nil {
			require.ErrorIs(t, err, ErrProtocol)
			return
		}
		again, err := decodeRequest(encodeRequest(r))
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte{2, 8, 1})
	f.Add([]byte{2, 8, 4})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m erasurepb.Answer
		if read(raw, &m) != nil {
			return
		}
		answer, err := decodeAnswer(&m)
		if err != nil {
			require.True(t, answer == nil)
			return
		}
		if answer == nil {
			require.Equal(t, erasurepb.Outcome_OUTCOME_TAKEN, m.GetOutcome())
			return
		}
		again, err := decodeAnswer(encodeAnswer(answer, nil))
		require.NoError(t, err)
		require.Equal(t, answer, again)
	})
}

func TestErrorsOfABuyer(t *testing.T) {
	for _, c := range []struct {
		err  error
		want erasurepb.Outcome
	}{
		{nil, erasurepb.Outcome_OUTCOME_TAKEN},
		{pdx.ErrRefused, erasurepb.Outcome_OUTCOME_INVALID},
		{pdx.ErrInvalid, erasurepb.Outcome_OUTCOME_INVALID},
		{pdx.ErrWrongState, erasurepb.Outcome_OUTCOME_INVALID},
		{pdx.ErrNotFound, erasurepb.Outcome_OUTCOME_LATER},
		{pdx.ErrUnavailable, erasurepb.Outcome_OUTCOME_LATER},
	} {
		require.Equal(t, c.want, encodeAnswer(nil, c.err).Outcome)
	}
	_, err := decodeAnswer(&erasurepb.Answer{Outcome: 99})
	require.ErrorIs(t, err, ErrProtocol)
}
