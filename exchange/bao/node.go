package bao

import (
	"encoding/binary"
	"fmt"
	"io"

	"lukechampine.com/blake3/guts"

	"github.com/medibloc/pdx"
)

// NodeSize is the length of a Node in bytes.
const NodeSize = 64

// Node is a parent in the tree: the chaining values of its children, left ‖ right.
type Node [NodeSize]byte

// EmptyRoot is the root of the empty blob, the BLAKE3 hash of no bytes.
var EmptyRoot = pdx.ContentID(groupNode(new([SegmentSize]byte), 0, 0).chain(guts.FlagRoot))

// NodeOffset returns the offset in a tree file of the node with that split, which is at
// least 1.
func NodeOffset(split uint64) int64 { return int64(split-1) * NodeSize }

// TreeSize returns the length in bytes of the tree file of a blob of size bytes.
func TreeSize(size uint64) uint64 { return NodeSize * (max(1, Segments(size)) - 1) }

// ReadNode reads the node with that split from a tree file.
func ReadNode(tree io.ReaderAt, split uint64) (Node, error) {
	var n Node
	if k, err := tree.ReadAt(n[:], NodeOffset(split)); k < NodeSize {
		return n, fmt.Errorf("read tree node %d: %w", split, truncated(err))
	}
	return n, nil
}

// chaining is a 32-byte chaining value; that of the root is the address.
type chaining [32]byte

// top is a node of the tree before it is decided whether it is the root.
type top guts.Node

// chain returns the chaining value; flags is guts.FlagRoot for the root, else 0.
func (t top) chain(flags uint32) (c chaining) {
	t.Flags |= flags
	for i, word := range guts.ChainingValue(guts.Node(t)) {
		binary.LittleEndian.PutUint32(c[4*i:], word)
	}
	return c
}

func parentOf(left, right chaining) (n Node) {
	copy(n[:32], left[:])
	copy(n[32:], right[:])
	return n
}

func (n *Node) left() chaining  { return chaining(n[:32]) }
func (n *Node) right() chaining { return chaining(n[32:]) }

func (n *Node) top() top {
	return top(guts.ParentNode(words(n[:32]), words(n[32:]), &guts.IV, 0))
}

func words(b []byte) (w [8]uint32) {
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return w
}

// Chunks of a segment, hashed laneBytes at a time: as many as the widest vector
// unit takes side by side.
const (
	segmentChunks = SegmentSize / guts.ChunkSize
	laneBytes     = guts.MaxSIMD * guts.ChunkSize
	lanes         = SegmentSize / laneBytes
)

// groupNode hashes segment i, which is the first n bytes of buf.
func groupNode(buf *[SegmentSize]byte, n int, i uint64) top {
	var stack [lanes]guts.Node
	count := max(1, (n+laneBytes-1)/laneBytes)
	for l := range count {
		lane := (*[laneBytes]byte)(buf[l*laneBytes:])
		stack[l] = guts.CompressBuffer(lane, min(n-l*laneBytes, laneBytes), &guts.IV, i*segmentChunks+uint64(l)*guts.MaxSIMD, 0)
	}
	for ; count > 1; count = (count + 1) / 2 {
		for l := range count / 2 {
			stack[l] = guts.ParentNode(guts.ChainingValue(stack[2*l]), guts.ChainingValue(stack[2*l+1]), &guts.IV, 0)
		}
		if count%2 == 1 {
			stack[count/2] = stack[count-1]
		}
	}
	return top(stack[0])
}
