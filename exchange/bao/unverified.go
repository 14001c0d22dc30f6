package bao

import (
	"io"

	"github.com/medibloc/pdx"
)

// Unverified is a segment as received: its bytes, which have not been hashed yet, and the
// chaining value that a verified node gives for them. It lets other cores hash segments while
// the slice is being read.
type Unverified struct {
	Index uint64
	buf   *[SegmentSize]byte
	n     int
	want  promise
}

// Data returns the segment. It must not be used unless Check returns nil.
func (c Unverified) Data() []byte { return c.buf[:c.n] }

// Buffer returns the buffer from UnverifiedSink.Buffer.
func (c Unverified) Buffer() *[SegmentSize]byte { return c.buf }

// Check hashes the segment and returns pdx.ErrCorrupt if it is wrong.
func (c Unverified) Check() error { return c.want.kept(c.buf, c.n, c.Index) }

// UnverifiedSink receives the parts of a slice that is read with ReadUnverified.
type UnverifiedSink interface {
	// PutNode receives a verified node. A node comes before the segments below it.
	PutNode(split uint64, n Node) error
	// Buffer returns the buffer for the next segment. It is called once per segment; the
	// buffer is returned with Take or, if reading fails, with Drop.
	Buffer() (*[SegmentSize]byte, error)
	// Take receives a segment and owns its buffer from then on.
	Take(c Unverified) error
	// Drop returns a buffer that was not filled.
	Drop(buf *[SegmentSize]byte)
}

// ReadUnverified reads a slice like ReadSlice, but verifies its nodes only: it passes each
// segment on as an Unverified, which must still be checked.
func ReadUnverified(src io.Reader, root pdx.ContentID, size uint64, run Range, to UnverifiedSink) error {
	if err := beginSlice(src, size, run); err != nil {
		return err
	}
	from := streamed{src}
	w := &walk{size: size, run: run, from: from, to: to, leaf: func(i uint64, want promise) error {
		buf, err := to.Buffer()
		if err != nil {
			return err
		}
		c := Unverified{Index: i, buf: buf, n: SegmentLen(size, i), want: want}
		if err := from.segment(i, c.Data()); err != nil {
			to.Drop(buf)
			return err
		}
		return to.Take(c)
	}}
	return w.all(root)
}
