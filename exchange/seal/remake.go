package seal

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/medibloc/pdx"
)

// A Remaker makes any part of a ciphertext again from the plaintext that was sealed,
// for a seller that stores one copy of its data instead of two.
//
// The key and the nonce of each segment are derived from the dataset's, so the same
// plaintext gives the same ciphertext. If the plaintext has changed, a nonce is used a
// second time: the two ciphertexts together reveal both plaintexts and let others forge
// segments. Therefore nothing that a Remaker returns may leave the machine before it
// has been verified against the root of the first sealing. Whoever serves it must
// verify each segment, as bao.WriteSlice does.
//
// A Remaker may be used from many goroutines.
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

// Remake returns a Remaker of the ciphertext of ds from its plaintext. It returns
// pdx.ErrInvalid if k is not the key of ds, for an unknown cipher, and for a size that
// no ciphertext has.
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

// ReadAt implements io.ReaderAt over the ciphertext. It returns io.ErrUnexpectedEOF if
// the plaintext is shorter than the dataset's.
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

// segment makes segment i in b, which has the segment's length.
func (r *Remaker) segment(b []byte, i uint64) error {
	c, err := r.cipher(i / BlockSegments)
	if err != nil {
		return err
	}
	plain := b[:len(b)-TagSize]
	if n, err := r.plain.ReadAt(plain, int64(i)*PlainSegment); n < len(plain) {
		clear(b)
		if err == io.EOF { // readers return it unwrapped at the end; a wrapped one is a failure
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read plaintext of segment %d: %w", i, err)
	}
	c.aead.Seal(plain[:0], c.nonce(i), plain, nil)
	return nil
}

// cipher returns the cipher of block j. It costs a scalar multiplication, and segments
// are usually read in order, so the last cipher is kept.
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
