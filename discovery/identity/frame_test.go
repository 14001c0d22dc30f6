package identity

import (
	"bufio"
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/p2p/stream"
)

func framed(t testing.TB, m proto.Message) []byte {
	var b bytes.Buffer
	require.NoError(t, stream.WriteFrame(&b, m))
	return b.Bytes()
}

func TestChallenges(t *testing.T) {
	for length, want := range map[int]error{
		0: pdx.ErrRefused, challengeLen - 1: pdx.ErrRefused, challengeLen: nil, challengeLen + 1: pdx.ErrRefused,
	} {
		challenge, err := challengeOf(&discoverypb.Hello{Challenge: make([]byte, length)})
		require.ErrorIs(t, err, want)
		if want == nil {
			require.Len(t, challenge, challengeLen)
		}
	}
}

// FuzzFrames reads a whole handshake's worth of foreign bytes.
func FuzzFrames(f *testing.F) {
	hello := framed(f, &discoverypb.Hello{Challenge: make([]byte, challengeLen)})
	f.Add(append(hello, framed(f, &discoverypb.Binding{ChainId: "c", Expiry: 1, Nonce: []byte{1}})...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bufio.NewReaderSize(bytes.NewReader(raw), maxFrame)
		var m discoverypb.Hello
		if stream.ReadFrame(r, maxFrame, &m) != nil {
			return
		}
		challenge, err := challengeOf(&m)
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrRefused)
			return
		}
		require.Len(t, challenge, challengeLen)
		var b discoverypb.Binding
		if stream.ReadFrame(r, maxFrame, &b) != nil {
			return
		}
		require.LessOrEqual(t, proto.Size(&b), maxFrame)
		_, err = CheckBinding(&b, Terms{ChainID: b.GetChainId(), Nonce: b.GetNonce()}, time.Unix(0, 0))
		require.ErrorIs(t, err, pdx.ErrRefused, "it is about no peer that there is")
	})
}
