package validation

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"
)

// readFrame reads one frame of at most limit bytes into m. What is wrong with
// the bytes is ErrProtocol; what is wrong with the connection is as it came.
func readFrame(r *bufio.Reader, limit int, m proto.Message) error {
	size, err := readLength(r)
	if err != nil {
		return err
	}
	if size > uint64(limit) {
		return fmt.Errorf("%w: a frame of %d bytes, at most %d are taken", ErrProtocol, size, limit)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return noCleanEnd(err)
	}
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, m); err != nil {
		return fmt.Errorf("%w: %v", ErrProtocol, err)
	}
	return nil
}

// readLength reads a minimal varint. A stream that ends before it is io.EOF.
func readLength(r *bufio.Reader) (uint64, error) {
	var raw [binary.MaxVarintLen64]byte
	for i := range raw {
		b, err := r.ReadByte()
		if err != nil && i > 0 {
			return 0, noCleanEnd(err)
		}
		if err != nil {
			return 0, err
		}
		if raw[i] = b; b >= 0x80 {
			continue
		}
		size, n := binary.Uvarint(raw[:i+1])
		if n <= 0 || (b == 0 && i > 0) {
			break
		}
		return size, nil
	}
	return 0, fmt.Errorf("%w: a frame length that is no minimal varint", ErrProtocol)
}

// noCleanEnd makes an end inside a frame an error that is not io.EOF.
func noCleanEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// writeFrame writes m as one frame in one write.
func writeFrame(w io.Writer, m proto.Message) error {
	body, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	frame := append(binary.AppendUvarint(nil, uint64(len(body))), body...)
	_, err = w.Write(frame)
	return err
}
