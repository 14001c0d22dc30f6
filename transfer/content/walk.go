package content

import (
	"errors"
	"fmt"
	"io"

	"lukechampine.com/blake3/guts"

	"github.com/medibloc/pdx"
)

const rootFlag = guts.FlagRoot

// Sink takes the verified parts of slices. A node comes before the segments
// below it; the data of a segment is the caller's again when PutSegment returns.
type Sink interface {
	PutNode(split uint64, n Node) error
	PutSegment(i uint64, data []byte) error
}

// source yields nodes and segments in pre-order.
type source interface {
	node(split uint64) (Node, error)
	segment(i uint64, p []byte) error
}

// walk goes from the root to a run of segments, in pre-order, and hands every
// node and segment on after it has proved to hash to what its parent says.
type walk struct {
	size uint64
	run  Range
	from source
	to   Sink
	buf  [SegmentSize]byte
}

func (w *walk) all(root pdx.ContentID) error {
	return w.subtree(chaining(root), All(w.size), rootFlag)
}

func (w *walk) subtree(want chaining, below Range, flags uint32) error {
	if !below.Overlaps(w.run) {
		return nil
	}
	if below.Count == 1 {
		return w.segment(want, below.First, flags)
	}
	half := leftHalf(below.Count)
	split := below.First + half
	n, err := w.from.node(split)
	if err != nil {
		return err
	}
	if n.top().chain(flags) != want {
		return fmt.Errorf("tree node %d: %w: it does not hash to its parent", split, pdx.ErrCorrupt)
	}
	if err := w.to.PutNode(split, n); err != nil {
		return err
	}
	if err := w.subtree(n.left(), Range{below.First, half}, 0); err != nil {
		return err
	}
	return w.subtree(n.right(), Range{split, below.Count - half}, 0)
}

func (w *walk) segment(want chaining, i uint64, flags uint32) error {
	p := w.buf[:SegmentLen(w.size, i)]
	if err := w.from.segment(i, p); err != nil {
		return err
	}
	if groupNode(&w.buf, len(p), i).chain(flags) != want {
		return fmt.Errorf("segment %d: %w: it does not hash to its parent", i, pdx.ErrCorrupt)
	}
	return w.to.PutSegment(i, p)
}

// truncated turns the end of the input into io.ErrUnexpectedEOF: within a slice
// there is no good place to end.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
