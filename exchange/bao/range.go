package bao

import (
	"fmt"
	"math"

	"github.com/medibloc/pdx"
)

// A Range is a run of segments, from First up to but not including First + Count.
type Range struct{ First, Count uint64 }

// All returns the range of every segment of a blob of size bytes; empty for size 0.
func All(size uint64) Range { return Range{Count: Segments(size)} }

// End returns the number of the segment after the run.
func (r Range) End() uint64 { return r.First + r.Count }

// Has reports whether segment i is in the run.
func (r Range) Has(i uint64) bool { return i >= r.First && i-r.First < r.Count }

// Overlaps reports whether some segment is in both runs.
func (r Range) Overlaps(o Range) bool {
	return r.First < o.End() && o.First < r.End() && r.Count > 0 && o.Count > 0
}

// String is "first+count".
func (r Range) String() string { return fmt.Sprintf("%d+%d", r.First, r.Count) }

// Bytes returns how many bytes of a blob of size bytes the run covers.
func (r Range) Bytes(size uint64) uint64 {
	if r.Count == 0 {
		return 0
	}
	from := min(size, r.First*SegmentSize)
	return min(size, r.End()*SegmentSize) - from
}

// Check refuses an empty run, one whose end overflows, and one that reaches
// beyond a blob of size bytes, with pdx.ErrInvalid.
func (r Range) Check(size uint64) error {
	if r.Count == 0 || r.First > math.MaxUint64-r.Count || r.End() > Segments(size) {
		return fmt.Errorf("segments %d+%d of %d: %w: beyond the end of the blob", r.First, r.Count, Segments(size), pdx.ErrInvalid)
	}
	return nil
}

// Ranges are runs in ascending order that do not overlap; they may touch.
type Ranges []Range

// Check refuses runs that are empty, overflow, overlap or are out of order, with
// pdx.ErrInvalid. It does not know the size of the blob.
func (rs Ranges) Check() error {
	var end uint64
	for _, r := range rs {
		if r.Count == 0 || r.First > math.MaxUint64-r.Count || r.First < end {
			return fmt.Errorf("segments %d+%d after %d: %w: runs must be sorted, disjoint and not empty", r.First, r.Count, end, pdx.ErrInvalid)
		}
		end = r.End()
	}
	return nil
}

// Segments returns how many segments checked Ranges cover together.
func (rs Ranges) Segments() uint64 {
	var n uint64
	for _, r := range rs {
		n += r.Count
	}
	return n
}
