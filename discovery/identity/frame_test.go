package identity

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
)

type frames struct{ io.Reader }

func (frames) Write(p []byte) (int, error) { return len(p), nil }

func framed(t testing.TB, m proto.Message) []byte {
	var b bytes.Buffer
	_, err := protodelim.MarshalTo(&b, m)
	require.NoError(t, err)
	return b.Bytes()
}

func TestFramesAreBounded(t *testing.T) {
	long := framed(t, &discoverypb.Hello{Challenge: make([]byte, maxFrame)})
	_, err := newWire(frames{bytes.NewReader(long)}).readChallenge()
	require.ErrorIs(t, err, pdx.ErrRefused)

	short := framed(t, &discoverypb.Hello{Challenge: make([]byte, challengeLen-1)})
	_, err = newWire(frames{bytes.NewReader(short)}).readChallenge()
	require.ErrorIs(t, err, pdx.ErrRefused)
}

func TestTruncationIsAnError(t *testing.T) {
	whole := framed(t, &discoverypb.Hello{Challenge: make([]byte, challengeLen)})
	for n := range whole {
		_, err := newWire(frames{bytes.NewReader(whole[:n])}).readChallenge()
		require.Error(t, err)
	}
	challenge, err := newWire(frames{bytes.NewReader(whole)}).readChallenge()
	require.NoError(t, err)
	require.Len(t, challenge, challengeLen)
}

// FuzzFrames reads a whole handshake's worth of foreign bytes.
func FuzzFrames(f *testing.F) {
	hello := framed(f, &discoverypb.Hello{Challenge: make([]byte, challengeLen)})
	f.Add(append(hello, framed(f, &discoverypb.Binding{ChainId: "c", Expiry: 1, Nonce: []byte{1}})...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, raw []byte) {
		w := newWire(frames{bytes.NewReader(raw)})
		challenge, err := w.readChallenge()
		if err != nil {
			require.False(t, errors.Is(err, pdx.ErrInvalid))
			return
		}
		require.Len(t, challenge, challengeLen)
		if b, err := w.readBinding(); err == nil {
			require.LessOrEqual(t, proto.Size(b), maxFrame)
		}
	})
}
