package bao

import (
	"errors"
	"fmt"
	"io"

	"lukechampine.com/blake3/guts"

	"github.com/medibloc/pdx"
)

const rootFlag = guts.FlagRoot

// A Sink receives the verified parts of slices. A node comes before the segments below it.
// PutSegment must not keep the data of a segment.
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

// walk visits the nodes from the root to a run of segments, in pre-order. It verifies every
// node against its parent before it passes it on, and passes every segment of the run, with
// the chaining value in its parent, to leaf.
type walk struct {
	size uint64
	run  Range
	from nodes
	to   nodeSink
	leaf func(i uint64, want promise) error
}

// promise is the chaining value of a child in its verified parent.
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
		return fmt.Errorf("tree node %d: %w: does not match the hash in its parent", split, pdx.ErrCorrupt)
	}
	if err := w.to.PutNode(split, n); err != nil {
		return err
	}
	if err := w.subtree(promise{chain: n.left()}, Range{below.First, half}); err != nil {
		return err
	}
	return w.subtree(promise{chain: n.right()}, Range{split, below.Count - half})
}

// kept checks that the first n bytes of buf are segment i.
func (p promise) kept(buf *[SegmentSize]byte, n int, i uint64) error {
	if groupNode(buf, n, i).chain(p.flags) != p.chain {
		return fmt.Errorf("segment %d: %w: does not match the hash in its parent", i, pdx.ErrCorrupt)
	}
	return nil
}

// checked returns a walk that verifies each segment in its buffer before it is passed on, unless
// it is known.
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

// nothing is the Known in which no segment is known.
type nothing struct{}

func (nothing) Has(uint64) bool { return false }
func (nothing) Add(uint64)      {}

// truncated turns io.EOF within a slice into io.ErrUnexpectedEOF.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
