package transfer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
)

// A frame is an unsigned varint, the length of a protobuf message, and the
// message. Bytes after the message belong to whatever follows.

// writeFrame writes m as one Write.
func writeFrame(w io.Writer, m proto.Message) error {
	frame, err := proto.MarshalOptions{}.MarshalAppend(binary.AppendUvarint(nil, uint64(proto.Size(m))), m)
	if err != nil {
		return fmt.Errorf("encode %s: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	if _, err := w.Write(frame); err != nil {
		return fmt.Errorf("write %s: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	return nil
}

// readFrame reads m, and no byte beyond it, from a reader that buffers MaxFrame
// bytes. A frame that is not one is pdx.ErrCorrupt; errors of r come back wrapped.
func readFrame(r *bufio.Reader, m proto.Message) error {
	name := m.ProtoReflect().Descriptor().Name()
	n, err := readLength(r)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	body, err := r.Peek(n) // a message copies what it keeps
	if err != nil {
		return fmt.Errorf("read %s: %w", name, cutShort(err))
	}
	if err := proto.Unmarshal(body, m); err != nil {
		return fmt.Errorf("read %s: %w: %w", name, pdx.ErrCorrupt, err)
	}
	_, err = r.Discard(n)
	return err
}

// readLength reads a minimal varint of at most MaxFrame: two bytes.
func readLength(r io.ByteReader) (int, error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, cutShort(err)
	}
	if first < 0x80 {
		return int(first), nil
	}
	second, err := r.ReadByte()
	if err != nil {
		return 0, cutShort(err)
	}
	n := int(first&0x7f) | int(second)<<7
	if second == 0 || second >= 0x80 || n > MaxFrame {
		return 0, fmt.Errorf("%w: length of frame not minimal or beyond %d bytes", pdx.ErrCorrupt, MaxFrame)
	}
	return n, nil
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
