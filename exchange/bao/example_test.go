package bao_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// treeFile is a tree in memory.
type treeFile []byte

func (m treeFile) WriteAt(p []byte, off int64) (int, error) { return copy(m[off:], p), nil }

// A holder of a blob proves one segment of it to somebody who knows the root only.
func Example() {
	blob := bytes.Repeat([]byte("0123456789abcdef"), 10_000)
	size := uint64(len(blob))
	tree := make(treeFile, bao.TreeSize(size))
	builder := bao.NewBuilder(tree)
	_, _ = builder.Write(blob) // fails only when the tree cannot be written
	root, _, err := builder.Finish()
	fmt.Println(bao.Segments(size), "segments", err)

	var slice bytes.Buffer
	err = bao.WriteSlice(&slice, root, size, bytes.NewReader(tree), bytes.NewReader(blob), bao.Range{First: 2, Count: 1})
	fmt.Println("slice of", slice.Len(), "bytes", err)

	segment, err := bao.VerifySegment(slice.Bytes(), root, size, 2)
	fmt.Println(bytes.Equal(segment, blob[2*bao.SegmentSize:]), err)

	slice.Bytes()[slice.Len()-1] ^= 1
	_, err = bao.VerifySegment(slice.Bytes(), root, size, 2)
	fmt.Println(errors.Is(err, pdx.ErrCorrupt))
	// Output:
	// 3 segments <nil>
	// slice of 29000 bytes <nil>
	// true <nil>
	// true
}
