package ack

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
	"github.com/medibloc/pdx/p2p/stream"
)

func TestMalformedHandovers(t *testing.T) {
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
	require.NoError(t, stream.WriteFrame(&b, encode(1<<64-1, most)))
	require.LessOrEqual(t, b.Len(), maxFrame/2+8)
}

func read(raw []byte, m proto.Message) error {
	return stream.ReadFrame(bufio.NewReader(bytes.NewReader(raw)), maxFrame, m)
}

func FuzzHandover(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, stream.WriteFrame(&b, encode(3, pdx.AckVoucher{AckHeight: 7, ExpiryHeight: 9})))
	f.Add(b.Bytes())
	f.Add([]byte{0xff, 0xff, 0x03})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m ackpb.Handover
		if read(raw, &m) != nil {
			return
		}
		deal, v, err := decode(&m)
		if err != nil {
			require.ErrorIs(t, err, ErrProtocol)
			return
		}
		var again bytes.Buffer
		require.NoError(t, stream.WriteFrame(&again, encode(deal, v)))
		var back ackpb.Handover
		require.NoError(t, read(again.Bytes(), &back))
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
		if read(raw, &m) == nil {
			_ = errorOf(m.GetOutcome())
		}
	})
}
