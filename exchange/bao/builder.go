package bao

import (
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"sync"

	"github.com/medibloc/pdx"
)

// A Builder computes the root and the tree of a blob that is written to it. Its memory
// is one segment and one chaining value for each level of the tree. It hashes a Write
// of several segments on several cores.
type Builder struct {
	tree  io.WriterAt
	buf   [SegmentSize]byte
	n     int          // bytes in buf
	full  uint64       // segments hashed before buf
	stack [64]chaining // roots of the perfect subtrees before buf, widest first
	depth int
	err   error
}

// NewBuilder returns a Builder that writes nodes to tree at their NodeOffset as soon as they
// are known. tree may be nil.
func NewBuilder(tree io.WriterAt) *Builder { return &Builder{tree: tree} }

// Write appends p to the blob. It returns an error only if a node cannot be written to
// the tree or the blob grows beyond MaxSize; after that, Write and Finish always return
// that error.
func (b *Builder) Write(p []byte) (int, error) {
	taken := 0
	for len(p) > 0 && b.err == nil {
		if b.n == SegmentSize {
			b.push(groupNode(&b.buf, b.n, b.full).chain(0)) // more follows: this segment is not the root
			b.n = 0
		}
		if b.n == 0 && len(p) > SegmentSize {
			k := b.pushMany(p)
			taken, p = taken+k, p[k:]
			continue
		}
		k := copy(b.buf[b.n:], p)
		b.n, taken, p = b.n+k, taken+k, p[k:]
	}
	if b.err == nil {
		b.err = CheckSize(b.size())
	}
	return taken, b.err
}

// Finish returns the root and the size of the blob. The Builder cannot be used again.
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

// pushMany hashes the full segments at the start of p on all cores, except one that may be
// the last segment of the blob. It returns how many bytes it hashed.
func (b *Builder) pushMany(p []byte) (taken int) {
	var chains [manySegments]chaining
	n := min((len(p)-1)/SegmentSize, manySegments)
	workers := min(n, runtime.GOMAXPROCS(0))
	var over sync.WaitGroup
	for w := range workers {
		over.Go(func() {
			for i := w; i < n; i += workers {
				chains[i] = groupNode((*[SegmentSize]byte)(p[i*SegmentSize:]), SegmentSize, b.full+uint64(i)).chain(0)
			}
		})
	}
	over.Wait()
	for _, c := range chains[:n] {
		b.push(c)
	}
	return n * SegmentSize
}

// manySegments bounds the segments that are hashed in parallel: one mebibyte, which a sealer
// writes at a time.
const manySegments = 16

// push adds the next full segment and joins the perfect subtrees that it completes.
func (b *Builder) push(c chaining) {
	b.full++
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
