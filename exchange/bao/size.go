package bao

import (
	"fmt"
	"math/bits"

	"github.com/medibloc/pdx"
)

// SegmentSize is the length of every segment but the last.
const SegmentSize = 1 << 16

// Segments returns how many segments a blob of size bytes has: ⌈size/65,536⌉.
func Segments(size uint64) uint64 {
	n := size / SegmentSize
	if size%SegmentSize != 0 {
		n++
	}
	return n
}

// SegmentLen returns the length of segment i of a blob of size bytes; 0 beyond the end.
func SegmentLen(size, i uint64) int {
	if i >= Segments(size) {
		return 0
	}
	return int(min(SegmentSize, size-i*SegmentSize))
}

// CheckSize refuses sizes beyond MaxSize with pdx.ErrInvalid.
func CheckSize(size uint64) error {
	if size > MaxSize {
		return fmt.Errorf("blob of %d bytes: %w: at most %d are taken", size, pdx.ErrInvalid, uint64(MaxSize))
	}
	return nil
}

// leftHalf returns how many of n > 1 segments lie below the left child: the largest
// power of two that is less than n.
func leftHalf(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }
