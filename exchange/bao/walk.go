package bao

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

// nodes yields the nodes of a slice in pre-order.
type nodes interface {
	node(split uint64) (Node, error)
}

// source yields nodes and segments in pre-order.
type source interface {
	nodes
	segment(i uint64, p []byte) error
}

// nodeSink takes verified nodes.
type nodeSink interface {
	PutNode(split uint64, n Node) error
}

// walk goes from the root to a run of segments, in pre-order. It hands every
// node on after it has proved to hash to what its parent says, and every segment
// of the run, with what its parent says of it, to leaf.
type walk struct {
	size uint64
	run  Range
	from nodes
	to   nodeSink
	leaf func(i uint64, want promise) error
}

// promise is what a proved parent says that its child hashes to.
type promise struct {
	chain chaining
	flags uint32
}

func (w *walk) all(root pdx.ContentID) error {
	return w.subtree(promise{chaining(root), rootFlag}, All(w.size))
}

func (w *walk) subtree(want promise, below Range) error {
	if !below.Overlaps(w.run) {
		return nil
	}
	if below.Count == 1 {
		return w.leaf(below.First, want)
	}
	half := leftHalf(below.Count)
	split := below.First + half
	n, err := w.from.node(split)
	if err != nil {
		return err
	}
	if n.top().chain(want.flags) != want.chain {
		return fmt.Errorf("tree node %d: %w: it does not hash to its parent", split, pdx.ErrCorrupt)
	}
	if err := w.to.PutNode(split, n); err != nil {
		return err
	}
	if err := w.subtree(promise{chain: n.left()}, Range{below.First, half}); err != nil {
		return err
	}
	return w.subtree(promise{chain: n.right()}, Range{split, below.Count - half})
}

// kept checks that the first n bytes of buf are what was promised of segment i.
func (p promise) kept(buf *[SegmentSize]byte, n int, i uint64) error {
	if groupNode(buf, n, i).chain(p.flags) != p.chain {
		return fmt.Errorf("segment %d: %w: it does not hash to its parent", i, pdx.ErrCorrupt)
	}
	return nil
}

// checked is a walk that verifies each segment where it stands, before it is
// handed on, unless it is known.
func checked(size uint64, run Range, from source, to Sink, known Known) *walk {
	buf := new([SegmentSize]byte)
	return &walk{size: size, run: run, from: from, to: to, leaf: func(i uint64, want promise) error {
		p := buf[:SegmentLen(size, i)]
		if err := from.segment(i, p); err != nil {
			return err
		}
		if !known.Has(i) {
			if err := want.kept(buf, len(p), i); err != nil {
				return err
			}
			known.Add(i)
		}
		return to.PutSegment(i, p)
	}}
}

// nothing is the Known of who trusts nobody.
type nothing struct{}

func (nothing) Has(uint64) bool { return false }
func (nothing) Add(uint64)      {}

// truncated turns the end of the input into io.ErrUnexpectedEOF: within a slice
// there is no good place to end.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
