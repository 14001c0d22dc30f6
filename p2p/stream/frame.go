package stream

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"
)

// ErrFrame: the bytes are not a frame, or not one of the expected message.
var ErrFrame = errors.New("malformed frame")

// WriteFrame writes m as one frame in one Write.
func WriteFrame(w io.Writer, m proto.Message) error {
	name := m.ProtoReflect().Descriptor().Name()
	frame, err := proto.MarshalOptions{}.MarshalAppend(AppendLength(nil, proto.Size(m)), m)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if _, err := w.Write(frame); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// ReadFrame reads one frame of at most limit bytes into m, and no byte beyond it.
// Unknown fields are dropped. It returns ErrFrame for malformed bytes, io.EOF if r ends
// before the frame, io.ErrUnexpectedEOF if r ends within it, and otherwise the error of
// r. It allocates a buffer only for a frame that is larger than the buffer of r.
func ReadFrame(r *bufio.Reader, limit int, m proto.Message) error {
	name := m.ProtoReflect().Descriptor().Name()
	size, err := ReadLength(r, limit)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	var body []byte
	if size <= r.Size() {
		body, err = r.Peek(size) // a message copies what it keeps
	} else {
		body = make([]byte, size)
		_, err = io.ReadFull(r, body)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, CutShort(err))
	}
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, m); err != nil {
		return fmt.Errorf("read %s: %w: %v", name, ErrFrame, err)
	}
	if size <= r.Size() {
		_, err = r.Discard(size)
	}
	return err
}

// AppendLength appends the length of a frame of size bytes to b, as ReadLength reads it.
func AppendLength(b []byte, size int) []byte { return binary.AppendUvarint(b, uint64(size)) }

// ReadLength reads the length of a frame, a minimal varint with a value of at most
// limit. It returns the same errors as ReadFrame.
func ReadLength(r io.ByteReader, limit int) (int, error) {
	size := uint64(0)
	for i := range maxLength {
		b, err := r.ReadByte()
		if err != nil && i > 0 {
			err = CutShort(err)
		}
		if err != nil {
			return 0, err
		}
		size |= uint64(b&0x7f) << (7 * i)
		switch {
		case size > uint64(limit):
			return 0, fmt.Errorf("%w: length exceeds %d bytes", ErrFrame, limit)
		case b == 0 && i > 0:
			return 0, fmt.Errorf("%w: length is not a minimal varint", ErrFrame)
		case b < 0x80:
			return int(size), nil
		}
	}
	return 0, fmt.Errorf("%w: length has more than %d bytes", ErrFrame, maxLength)
}

// CutShort returns io.ErrUnexpectedEOF if err is io.EOF, and otherwise err. Use it for
// an input that ends within a message.
func CutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
