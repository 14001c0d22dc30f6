package blob

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// Verified is a blob made of its tree and of bytes that nobody trusts: whatever
// is read from it has been found under the root. Stores use it for blobs whose
// bytes come from an Origin.
type Verified struct {
	ID    pdx.ContentID
	Bytes uint64 // size of the blob
	Tree  io.ReaderAt
	Data  Bytes
}

// Size is the number of bytes.
func (v Verified) Size() uint64 { return v.Bytes }

// Close closes the bytes; the tree is its owner's.
func (v Verified) Close() error { return v.Data.Close() }

// WriteSlice writes the slice of a run of segments; pdx.ErrCorrupt when the bytes
// are not those of the blob any more, and nothing of the first wrong segment has
// been written then.
func (v Verified) WriteSlice(w io.Writer, run bao.Range) error {
	err := bao.WriteSlice(w, v.ID, v.Bytes, v.Tree, v.Data, run)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", pdx.ErrCorrupt, err)
	}
	return err
}

// ReadAt reads bytes and verifies them segment by segment, which that of other blobs
// does not: wrong bytes of an Origin may leak secrets (see seal.Remaker).
func (v Verified) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("read blob: %w: offset %d", pdx.ErrInvalid, off)
	}
	for n < len(p) {
		at := uint64(off) + uint64(n)
		if at >= v.Bytes {
			return n, io.EOF
		}
		segment, err := v.segment(at / bao.SegmentSize)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], segment[at%bao.SegmentSize:])
	}
	return n, nil
}

// segment is the bytes of segment i: what a slice of it ends with.
func (v Verified) segment(i uint64) ([]byte, error) {
	var slice bytes.Buffer
	if err := v.WriteSlice(&slice, bao.Range{First: i, Count: 1}); err != nil {
		return nil, err
	}
	return slice.Bytes()[slice.Len()-bao.SegmentLen(v.Bytes, i):], nil
}
