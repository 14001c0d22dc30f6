package transfer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx/transfer/transferpb"
)

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

// safeBuffer is a buffer as the end of a stream.
type safeBuffer struct{ bytes.Buffer }

func (b *safeBuffer) writer() *bufio.Writer { return bufio.NewWriter(b) }

func framedForFuzz(f *testing.F, m proto.Message) []byte {
	b, err := proto.Marshal(m)
	require.NoError(f, err)
	return append(binary.AppendUvarint(nil, uint64(len(b))), b...)
}

func fuzzAnswer(f *testing.F, data []byte) []byte {
	var b safeBuffer
	v := &upload{out: b.writer()}
	require.NoError(f, v.sendSmall(transferpb.Code_CODE_OK, data))
	require.NoError(f, v.out.Flush())
	return b.Bytes()
}

// deadStream has deadlines and nothing else.
type deadStream struct{ network.Stream }

func (deadStream) SetReadDeadline(time.Time) error { return nil }
