package bao

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"github.com/medibloc/pdx"
)

// A Bitmap records which segments of a blob are held, with one bit per segment: 32 KiB for a
// blob of 16 GiB.
type Bitmap struct {
	n, held uint64
	data    []uint64
}

// NewBitmap returns an empty bitmap for n segments.
func NewBitmap(n uint64) *Bitmap {
	return &Bitmap{n: n, data: make([]uint64, wordsFor(n))}
}

// BitmapLen returns the length in bytes of what Bytes returns for n segments.
func BitmapLen(n uint64) uint64 { return wordsFor(n) * 8 }

func wordsFor(n uint64) uint64 {
	if n%64 == 0 {
		return n / 64
	}
	return n/64 + 1
}

// ParseBitmap decodes what Bytes returned for n segments. It returns pdx.ErrCorrupt for
// another length and for bits beyond the last segment.
func ParseBitmap(n uint64, b []byte) (*Bitmap, error) {
	if uint64(len(b)) != BitmapLen(n) {
		return nil, fmt.Errorf("bitmap of %d bytes for %d segments: %w", len(b), n, pdx.ErrCorrupt)
	}
	m := NewBitmap(n)
	for i := range m.data {
		m.data[i] = binary.LittleEndian.Uint64(b[8*i:])
		m.held += uint64(bits.OnesCount64(m.data[i]))
	}
	if n%64 != 0 && m.data[len(m.data)-1]>>(n%64) != 0 {
		return nil, fmt.Errorf("bitmap holds segments beyond %d: %w", n, pdx.ErrCorrupt)
	}
	return m, nil
}

// Bytes encodes the bitmap as little-endian words of 64 bits; segment i is bit i%64 of
// word i/64.
func (m *Bitmap) Bytes() []byte {
	b := make([]byte, 0, 8*len(m.data))
	for _, w := range m.data {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

// Len returns the number of segments of the blob.
func (m *Bitmap) Len() uint64 { return m.n }

// Held returns the number of segments held.
func (m *Bitmap) Held() uint64 { return m.held }

// Complete reports whether every segment is held.
func (m *Bitmap) Complete() bool { return m.held == m.n }

// Has reports whether segment i is held. It returns false if i is not below Len.
func (m *Bitmap) Has(i uint64) bool { return i < m.n && m.data[i/64]>>(i%64)&1 != 0 }

// Add marks segment i as held. It panics if i is not below Len.
func (m *Bitmap) Add(i uint64) {
	if i >= m.n {
		panic(fmt.Sprintf("bao: segment %d of %d", i, m.n))
	}
	if !m.Has(i) {
		m.data[i/64] |= 1 << (i % 64)
		m.held++
	}
}

// Remove marks segment i as not held. It does nothing if i is not below Len.
func (m *Bitmap) Remove(i uint64) {
	if m.Has(i) {
		m.data[i/64] &^= 1 << (i % 64)
		m.held--
	}
}

// HeldBytes returns how many bytes the held segments have, of a blob of size bytes.
func (m *Bitmap) HeldBytes(size uint64) uint64 {
	if !m.Has(m.n - 1) {
		return m.held * SegmentSize
	}
	return (m.held-1)*SegmentSize + uint64(SegmentLen(size, m.n-1))
}

// NextMissing returns the first run of segments at or after from that are not held, of
// at most limit segments. Its Count is 0 if there is none.
func (m *Bitmap) NextMissing(from, limit uint64) Range {
	first := m.next(from, false)
	if first >= m.n || limit == 0 {
		return Range{First: m.n}
	}
	end := min(m.next(first, true), m.n)
	return Range{First: first, Count: min(end-first, limit)}
}

// next returns the first segment at or after from that is held (or, for false, not).
func (m *Bitmap) next(from uint64, held bool) uint64 {
	for i := from / 64; i < uint64(len(m.data)); i++ {
		w := m.data[i]
		if !held {
			w = ^w
		}
		if i == from/64 {
			w &= ^uint64(0) << (from % 64)
		}
		if w != 0 {
			return min(i*64+uint64(bits.TrailingZeros64(w)), m.n)
		}
	}
	return m.n
}

// FullBitmap returns a bitmap that holds all of n segments.
func FullBitmap(n uint64) *Bitmap {
	m := NewBitmap(n)
	for i := range m.data {
		m.data[i] = ^uint64(0)
	}
	if n%64 != 0 {
		m.data[len(m.data)-1] = 1<<(n%64) - 1
	}
	m.held = n
	return m
}

// Clone returns an independent copy.
func (m *Bitmap) Clone() *Bitmap {
	return &Bitmap{n: m.n, held: m.held, data: slices.Clone(m.data)}
}
