package bao

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"

	"lukechampine.com/blake3/guts"

	"github.com/medibloc/pdx"
)

// ChunkSize is the length of every chunk but the last: a leaf of BLAKE3's tree, and the
// shortest run of bytes that a slice can prove.
const ChunkSize = guts.ChunkSize

// Chunks returns how many chunks a blob of size bytes has: ⌈size/1,024⌉.
func Chunks(size uint64) uint64 { return (size + ChunkSize - 1) / ChunkSize }

// MaxChunkSlice returns the length in bytes of the longest slice of one chunk of a blob of
// size bytes: the size, the longest path of nodes, and a whole chunk.
func MaxChunkSlice(size uint64) uint64 {
	return SlicePrefix + NodeSize*uint64(bits.Len64(max(1, Chunks(size))-1)) + min(size, ChunkSize)
}

// VerifyChunk verifies a slice of chunk i and returns the bytes of the chunk. A slice of a
// chunk is one of group 0: the size as LE64, the nodes from the root to the chunk, and the
// chunk. VerifyChunk returns pdx.ErrCorrupt for any fault of the slice, including its
// length, and pdx.ErrInvalid if the blob has no chunk i.
func VerifyChunk(slice []byte, root pdx.ContentID, size, i uint64) ([]byte, error) {
	if err := checkChunk(size, i); err != nil {
		return nil, err
	}
	if len(slice) < SlicePrefix || binary.LittleEndian.Uint64(slice) != size {
		return nil, fmt.Errorf("slice of chunk %d does not state a size of %d: %w", i, size, pdx.ErrCorrupt)
	}
	want, flags := chaining(root), uint32(guts.FlagRoot)
	rest := slice[SlicePrefix:]
	for run := (Range{Count: Chunks(size)}); run.Count > 1; flags = 0 {
		if len(rest) < NodeSize {
			return nil, fmt.Errorf("slice of chunk %d is cut off: %w", i, pdx.ErrCorrupt)
		}
		n := Node(rest[:NodeSize])
		rest = rest[NodeSize:]
		if n.top().chain(flags) != want {
			return nil, fmt.Errorf("slice of chunk %d: %w: a node does not hash to its parent's", i, pdx.ErrCorrupt)
		}
		if left := leftHalf(run.Count); i < run.First+left {
			want, run.Count = n.left(), left
		} else {
			want, run = n.right(), Range{run.First + left, run.Count - left}
		}
	}
	if len(rest) != chunkLen(size, i) || chunkTop(rest, i).chain(flags) != want {
		return nil, fmt.Errorf("slice of chunk %d: %w: the chunk does not hash to its parent's", i, pdx.ErrCorrupt)
	}
	return rest, nil
}

// ChunkSlice returns the slice of chunk i, made of the slice of the segment that the chunk is
// in. It verifies what it returns, with the errors of VerifyChunk.
func ChunkSlice(segment []byte, root pdx.ContentID, size, i uint64) ([]byte, error) {
	if err := checkChunk(size, i); err != nil {
		return nil, err
	}
	at := i / segmentChunks
	data, first := SegmentLen(size, at), i%segmentChunks
	if len(segment) < SlicePrefix+data {
		return nil, fmt.Errorf("slice of segment %d is cut off: %w", at, pdx.ErrCorrupt)
	}
	path, leaf := segment[:len(segment)-data], segment[len(segment)-data:]
	slice := bytes.Clone(path)
	for chunks, base := Chunks(uint64(data)), uint64(0); chunks > 1; {
		left := leftHalf(chunks)
		split := min(uint64(len(leaf)), left*ChunkSize)
		n := parentOf(subtree(leaf[:split], at*segmentChunks+base).chain(0), subtree(leaf[split:], at*segmentChunks+base+left).chain(0))
		slice = append(slice, n[:]...)
		if first < base+left {
			leaf, chunks = leaf[:split], left
		} else {
			leaf, chunks, base = leaf[split:], chunks-left, base+left
		}
	}
	slice = append(slice, leaf...)
	_, err := VerifyChunk(slice, root, size, i)
	return slice, err
}

func checkChunk(size, i uint64) error {
	if err := CheckSize(size); err != nil {
		return err
	}
	if i >= Chunks(size) {
		return fmt.Errorf("chunk %d of %d: %w: beyond the end of the blob", i, Chunks(size), pdx.ErrInvalid)
	}
	return nil
}

func chunkLen(size, i uint64) int { return int(min(ChunkSize, size-i*ChunkSize)) }

// chunkTop hashes chunk i.
func chunkTop(chunk []byte, i uint64) top { return top(guts.CompressChunk(chunk, &guts.IV, i, 0)) }

// subtree hashes chunks of one segment, the first of which is chunk i of the blob.
func subtree(data []byte, i uint64) top {
	chunks := Chunks(uint64(len(data)))
	if chunks <= 1 {
		return chunkTop(data, i)
	}
	left := leftHalf(chunks)
	n := parentOf(subtree(data[:left*ChunkSize], i).chain(0), subtree(data[left*ChunkSize:], i+left).chain(0))
	return n.top()
}
