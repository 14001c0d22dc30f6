package seal

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/medibloc/pdx"
)

// Remaker makes a ciphertext again, any part of it, out of the plaintext that it
// was sealed from: for a seller that keeps one copy of its data, and not two.
//
// Each segment has its key and its nonce from the dataset's, so the same
// plaintext gives the same ciphertext. Another plaintext gives a ciphertext
// under a nonce that was used before, and the two together give both plaintexts
// away, and forge. So nothing that a Remaker made may leave the machine before
// it has been found under the root of the first sealing: whoever serves it
// verifies each segment, as bao.WriteSlice does.
//
// It may be used from many goroutines.
type Remaker struct {
	key   *Key
	aead  pdx.AEAD
	size  uint64 // of the ciphertext
	plain io.ReaderAt
	block atomic.Pointer[numberedCipher] // the last one used
}

type numberedCipher struct {
	*blockCipher
	j uint64
}

// Remake returns a Remaker of ds, whose key k must be, out of plain. Another key, an
// unknown cipher and a size that no ciphertext has are pdx.ErrInvalid.
func (k *Key) Remake(plain io.ReaderAt, ds pdx.Dataset) (*Remaker, error) {
	if ds.Key != k.public || ds.Nonce != k.nonce {
		return nil, fmt.Errorf("remake dataset: %w: it has another key", pdx.ErrInvalid)
	}
	if !ValidSize(ds.Size) {
		return nil, fmt.Errorf("remake dataset: %w: no ciphertext has %d bytes", pdx.ErrInvalid, ds.Size)
	}
	r := &Remaker{key: k, aead: ds.AEAD, size: ds.Size, plain: plain}
	_, err := r.cipher(0)
	return r, err
}

// ReadAt makes the ciphertext from off on. What plain says to end before the
// size of the dataset is io.ErrUnexpectedEOF.
func (r *Remaker) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("remake dataset: %w: offset %d", pdx.ErrInvalid, off)
	}
	for n < len(p) {
		at := uint64(off) + uint64(n)
		if at >= r.size {
			return n, io.EOF
		}
		i := at / SegmentSize
		length := min(SegmentSize, r.size-i*SegmentSize)
		if at%SegmentSize == 0 && uint64(len(p)-n) >= length {
			if err := r.segment(p[n:n+int(length)], i); err != nil {
				return n, err
			}
			n += int(length)
			continue
		}
		whole := make([]byte, length)
		if err := r.segment(whole, i); err != nil {
			return n, err
		}
		n += copy(p[n:], whole[at%SegmentSize:])
	}
	return n, nil
}

// segment makes segment i, which is as long as b, in place.
func (r *Remaker) segment(b []byte, i uint64) error {
	c, err := r.cipher(i / BlockSegments)
	if err != nil {
		return err
	}
	plain := b[:len(b)-TagSize]
	if n, err := r.plain.ReadAt(plain, int64(i)*PlainSegment); n < len(plain) {
		clear(b)
		if err == io.EOF { // a bare one is the end; a wrapped one is a failure
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read plaintext of segment %d: %w", i, err)
	}
	c.aead.Seal(plain[:0], c.nonce(i), plain, nil)
	return nil
}

// cipher returns that of block j. It costs a scalar multiplication, so the last one
// is kept: segments are read in order.
func (r *Remaker) cipher(j uint64) (*blockCipher, error) {
	if c := r.block.Load(); c != nil && c.j == j {
		return c.blockCipher, nil
	}
	c, err := r.key.block(r.aead, j)
	if err != nil {
		return nil, err
	}
	r.block.Store(&numberedCipher{c, j})
	return c, nil
}
