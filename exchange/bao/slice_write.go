package bao

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
)

// SlicePrefix is the length in bytes of the size at the start of a slice.
const SlicePrefix = 8

// WriteSlice writes the slice of a run of segments of the blob with that root and size.
// It reads only the nodes and segments of the slice, from the tree file tree and the
// blob data, and verifies each before it writes it. It returns pdx.ErrCorrupt if they
// do not hash to root, pdx.ErrInvalid for a run beyond the blob, and errors of tree,
// data and dst wrapped. After an error, what was written must be discarded.
func WriteSlice(dst io.Writer, root pdx.ContentID, size uint64, tree, data io.ReaderAt, run Range) error {
	return WriteKnown(dst, root, size, tree, data, run, nothing{})
}

// Known records which segments of stored data have been verified. It must be safe for
// concurrent use if several slices are written with it at the same time.
type Known interface {
	Has(i uint64) bool
	Add(i uint64)
}

// WriteKnown is like WriteSlice but does not hash the segments that known has, which
// saves most of the cost, and adds the others to it. It always verifies nodes.
func WriteKnown(dst io.Writer, root pdx.ContentID, size uint64, tree, data io.ReaderAt, run Range, known Known) error {
	if err := checkSlice(size, run); err != nil {
		return err
	}
	var prefix [SlicePrefix]byte
	binary.LittleEndian.PutUint64(prefix[:], size)
	if _, err := dst.Write(prefix[:]); err != nil {
		return fmt.Errorf("write slice: %w", err)
	}
	return checked(size, run, stored{tree, data}, writing{dst}, known).all(root)
}

func checkSlice(size uint64, run Range) error {
	if err := CheckSize(size); err != nil {
		return err
	}
	return run.Check(size)
}

// stored is a source with random access.
type stored struct{ tree, data io.ReaderAt }

func (s stored) node(split uint64) (Node, error) { return ReadNode(s.tree, split) }

func (s stored) segment(i uint64, p []byte) error {
	if k, err := s.data.ReadAt(p, int64(i)*SegmentSize); k < len(p) {
		return fmt.Errorf("read segment %d: %w", i, truncated(err))
	}
	return nil
}

// writing is the sink that writes a slice.
type writing struct{ dst io.Writer }

func (w writing) PutNode(_ uint64, n Node) error { return w.put(n[:]) }

func (w writing) PutSegment(_ uint64, data []byte) error { return w.put(data) }

func (w writing) put(p []byte) error {
	if _, err := w.dst.Write(p); err != nil {
		return fmt.Errorf("write slice: %w", err)
	}
	return nil
}
