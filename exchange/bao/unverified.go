package bao

import (
	"io"

	"github.com/medibloc/pdx"
)

// Unverified is a segment as it was received: bytes that nobody has hashed yet, and
// what a proved node says that they hash to. UnverifiedSink let the hashing happen
// elsewhere, on other cores, while the slice is read on.
type Unverified struct {
	Index uint64
	buf   *[SegmentSize]byte
	n     int
	want  promise
}

// Data is the segment; do not keep it unless Check is nil.
func (c Unverified) Data() []byte { return c.buf[:c.n] }

// Buffer is the buffer that UnverifiedSink.Buffer gave.
func (c Unverified) Buffer() *[SegmentSize]byte { return c.buf }

// Check hashes the segment: pdx.ErrCorrupt if it is not what it must be.
func (c Unverified) Check() error { return c.want.kept(c.buf, c.n, c.Index) }

// UnverifiedSink takes the parts of a slice that is read with ReadUnverified.
type UnverifiedSink interface {
	// PutNode takes a node, which is proved. A node comes before the segments
	// below it.
	PutNode(split uint64, n Node) error
	// Buffer is where the next segment is read to. It is asked for once for each
	// segment, and comes back with Take or, when the reading fails, with Drop.
	Buffer() (*[SegmentSize]byte, error)
	// Take owns the claim and its buffer from now on.
	Take(c Unverified) error
	// Drop takes back a buffer that was not filled.
	Drop(buf *[SegmentSize]byte)
}

// ReadUnverified reads a slice as ReadSlice does, but proves its nodes only: each
// segment is handed on as a Unverified, still to be checked.
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
