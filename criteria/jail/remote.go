package jail

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/medibloc/pdx"
)

// remote is data whose bytes the parent has. What is read in order is asked for ahead.
type remote struct {
	child *child
	size  int64
	held  []byte
	at    int64 // of the first byte held
}

// ReadAt implements io.ReaderAt.
func (r *remote) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		if at := off + int64(n); at < r.at || at >= r.at+int64(len(r.held)) {
			if err := r.fetch(at, len(p)-n); err != nil {
				return n, err
			}
		}
		n += copy(p[n:], r.held[off+int64(n)-r.at:])
	}
	return n, nil
}

// fetch gets the bytes from an offset on, n if there are as many.
func (r *remote) fetch(at int64, n int) error {
	if at == r.at+int64(len(r.held)) { // read in order
		n = max(n, chunk)
	}
	if n = int(min(int64(min(n, maxRead)), r.size-at)); n <= 0 {
		return io.EOF
	}
	var ask [12]byte
	binary.LittleEndian.PutUint64(ask[:], uint64(at))
	binary.LittleEndian.PutUint32(ask[8:], uint32(n))
	if err := r.child.send(kindRead, ask[:]); err != nil {
		return err
	}
	status, got, err := r.child.answer()
	if err != nil {
		return err
	}
	r.held, r.at = append(r.held[:0], got...), at
	if len(got) < n && status != statusEnd || len(got) > n {
		return errFrame
	}
	if len(got) == 0 {
		return io.EOF
	}
	return nil
}

// answer reads the answer of the parent.
func (c *child) answer() (status byte, body []byte, err error) {
	body, err = c.receive(kindBytes)
	if err != nil {
		return 0, nil, noEnd(err)
	}
	if len(body) == 0 {
		return 0, nil, errFrame
	}
	return body[0], body[1:], nil
}

// schema gets a schema by its CID.
func (c *child) schema(id pdx.ContentID) ([]byte, error) {
	if err := c.send(kindSchema, id[:]); err != nil {
		return nil, err
	}
	_, raw, err := c.answer()
	return bytes.Clone(raw), err
}

// outputWriter sends what a projection writes.
type outputWriter struct{ child *child }

// Write implements io.Writer.
func (o outputWriter) Write(p []byte) (n int, err error) {
	for n < len(p) {
		part := p[n:min(len(p), n+maxRead)]
		if err := o.child.send(kindOutput, part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}
