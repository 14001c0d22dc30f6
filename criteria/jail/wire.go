package jail

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The kinds of messages. Each is its kind, the length of the rest (LE32), and the rest.
const (
	// To a child.
	kindJob   = 'j' // JSON of job
	kindBytes = 'b' // answer to kindRead or kindSchema: a byte of status, and the bytes

	// From a child.
	kindHello  = 'h' // JSON of Fences, once
	kindRead   = 'r' // offset (LE64), count (LE32)
	kindSchema = 's' // CID, 32 bytes
	kindOutput = 'o' // bytes of a projection
	kindKeys   = 'k' // keys of records: see keyWriter
	kindRows   = 'w' // rows: see rowWriter
	kindCount  = 'p' // LE64: bytes checked so far
	kindResult = 'd' // JSON of result; the job is done
)

// The status of an answer.
const (
	statusOK  = 0
	statusEnd = 1 // the data ends behind these bytes
)

const headBytes = 5

// errFrame: the other side did not keep to the protocol.
var errFrame = errors.New("not a message of the protocol")

// writeFrame writes a message in one write, so that a reader wakes once.
func writeFrame(w io.Writer, buf []byte, kind byte, parts ...[]byte) ([]byte, error) {
	buf = append(buf[:0], kind, 0, 0, 0, 0)
	for _, part := range parts {
		buf = append(buf, part...)
	}
	binary.LittleEndian.PutUint32(buf[1:], uint32(len(buf)-headBytes))
	_, err := w.Write(buf)
	return buf, err
}

// readFrame reads a message of at most limit bytes into buf, which it may replace.
func readFrame(r io.Reader, buf []byte, limit int) (kind byte, body []byte, err error) {
	var head [headBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int64(binary.LittleEndian.Uint32(head[1:]))
	if n > int64(limit) {
		return 0, nil, fmt.Errorf("%w: %d bytes", errFrame, n)
	}
	if int64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return 0, nil, noEnd(err)
	}
	return head[0], buf, nil
}

// noEnd makes the end of a stream within a message an error.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
