package content

import (
	"fmt"
	"io"
	"math/bits"

	"github.com/medibloc/pdx"
)

// Builder computes the root and the tree of a blob that is written to it, in
// constant memory: one segment and one chaining value a level.
type Builder struct {
	tree  io.WriterAt
	buf   [SegmentSize]byte
	n     int          // bytes in buf
	full  uint64       // segments hashed before buf
	stack [64]chaining // roots of the perfect subtrees before buf, widest first
	depth int
	err   error
}

// NewBuilder writes nodes to tree at their NodeOffset as soon as they are known;
// nil wants no tree.
func NewBuilder(tree io.WriterAt) *Builder { return &Builder{tree: tree} }

// Write takes the next bytes of the blob. It fails only when the tree cannot be
// written or the blob grows beyond MaxSize, and from then on always.
func (b *Builder) Write(p []byte) (int, error) {
	taken := 0
	for len(p) > 0 && b.err == nil {
		if b.n == SegmentSize {
			b.push() // more follows: this segment is not the root
		}
		k := copy(b.buf[b.n:], p)
		b.n, taken, p = b.n+k, taken+k, p[k:]
	}
	if b.err == nil {
		b.err = CheckSize(b.size())
	}
	return taken, b.err
}

// Finish is the root and the size of what was written. The Builder is spent.
func (b *Builder) Finish() (root pdx.ContentID, size uint64, err error) {
	node, split := groupNode(&b.buf, b.n, b.full), b.full
	for b.depth > 0 {
		b.depth--
		n := parentOf(b.stack[b.depth], node.chain(0))
		b.put(split, n)
		node, split = n.top(), split&(split-1) // the subtree to the left was as wide as split's lowest bit
	}
	return pdx.ContentID(node.chain(rootFlag)), b.size(), b.err
}

func (b *Builder) size() uint64 { return b.full*SegmentSize + uint64(b.n) }

// push hashes the full segment in buf and joins the perfect subtrees it ends.
func (b *Builder) push() {
	c := groupNode(&b.buf, b.n, b.full).chain(0)
	b.n, b.full = 0, b.full+1
	for level := range bits.TrailingZeros64(b.full) {
		b.depth--
		n := parentOf(b.stack[b.depth], c)
		b.put(b.full-1<<level, n)
		c = n.top().chain(0)
	}
	b.stack[b.depth] = c
	b.depth++
}

func (b *Builder) put(split uint64, n Node) {
	if b.tree == nil || b.err != nil {
		return
	}
	if _, err := b.tree.WriteAt(n[:], NodeOffset(split)); err != nil {
		b.err = fmt.Errorf("write tree node %d: %w", split, err)
	}
}
