package ack

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
)

func TestWhatNoVoucherIs(t *testing.T) {
	good := func() *ackpb.Handover {
		return encode(3, pdx.AckVoucher{AckHeight: 7, ExpiryHeight: 9})
	}
	_, _, err := decode(good())
	require.NoError(t, err)
	for name, spoil := range map[string]func(*ackpb.Handover){
		"no deal":         func(m *ackpb.Handover) { m.DealId = 0 },
		"no ack height":   func(m *ackpb.Handover) { m.AckHeight = 0 },
		"negative height": func(m *ackpb.Handover) { m.AckHeight = -1 },
		"expires before":  func(m *ackpb.Handover) { m.ExpiryHeight = 6 },
		"short key":       func(m *ackpb.Handover) { m.PublicKey = m.PublicKey[:32] },
		"long key":        func(m *ackpb.Handover) { m.PublicKey = make([]byte, 34) },
		"short signature": func(m *ackpb.Handover) { m.Signature = nil },
		"long signature":  func(m *ackpb.Handover) { m.Signature = make([]byte, 65) },
	} {
		m := good()
		spoil(m)
		_, _, err := decode(m)
		require.ErrorIs(t, err, ErrProtocol, name)
	}
}

func TestLargestHandoverFits(t *testing.T) {
	var b bytes.Buffer
	most := pdx.AckVoucher{AckHeight: 1<<63 - 1, ExpiryHeight: 1<<63 - 1}
	require.NoError(t, write(&b, encode(1<<64-1, most)))
	require.LessOrEqual(t, b.Len(), maxFrame/2+8)
}

func FuzzHandover(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, write(&b, encode(3, pdx.AckVoucher{AckHeight: 7, ExpiryHeight: 9})))
	f.Add(b.Bytes())
	f.Add([]byte{0xff, 0xff, 0x03})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m ackpb.Handover
		r := bytes.NewReader(raw)
		if err := read(r, &m); err != nil {
			return
		}
		require.LessOrEqual(t, len(raw)-r.Len(), 4096, "one buffer at most is read ahead")
		deal, v, err := decode(&m)
		if err != nil {
			require.ErrorIs(t, err, ErrProtocol)
			return
		}
		var again bytes.Buffer
		require.NoError(t, write(&again, encode(deal, v)))
		var back ackpb.Handover
		require.NoError(t, read(&again, &back))
		deal2, v2, err := decode(&back)
		require.NoError(t, err)
		require.Equal(t, deal, deal2)
		require.Equal(t, v, v2)
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte{2, 8, 1})
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var m ackpb.Answer
		if read(io.LimitReader(bytes.NewReader(raw), 1<<16), &m) == nil {
			_ = errorOf(m.GetOutcome())
		}
	})
}
