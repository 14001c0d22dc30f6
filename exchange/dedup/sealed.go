package dedup

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/medibloc/pdx"
)

// segments encrypts and decrypts the segments of the set with one tag. The key comes from
// the tag, which is the hash of all that is encrypted under it, so no nonce is ever used for
// two plaintexts, and everybody makes the same bytes.
type segments struct {
	aead cipher.AEAD
	base [12]byte
}

func (k Key) segments(tag [32]byte) (segments, error) {
	okm, err := k.expand("record-set"+string(tag[:]), 32+12)
	if err != nil {
		return segments{}, err
	}
	block, err := aes.NewCipher(okm[:32])
	if err != nil {
		return segments{}, fmt.Errorf("record set: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return segments{}, fmt.Errorf("record set: %w", err)
	}
	return segments{aead: aead, base: [12]byte(okm[32:])}, nil
}

func (s segments) nonce(i uint64) []byte {
	n := s.base
	binary.BigEndian.PutUint64(n[4:], binary.BigEndian.Uint64(n[4:])^i)
	return n[:]
}

// Seal writes the sealed set, SealedSize bytes.
func (s Set) Seal(w io.Writer, k Key) error {
	seg, err := k.segments(s.Tag())
	if err != nil {
		return err
	}
	plain, sealed := make([]byte, 0, SegmentSize), make([]byte, 0, SegmentSize)
	for i := uint64(0); ; i++ {
		part := s.found[min(i*perSegment, uint64(len(s.found))):min((i+1)*perSegment, uint64(len(s.found)))]
		plain = plain[:0]
		for j := range part {
			plain = append(plain, part[j][:]...)
		}
		sealed = seg.aead.Seal(sealed[:0], seg.nonce(i), plain, nil)
		if _, err := w.Write(sealed); err != nil {
			return fmt.Errorf("write record set: %w", err)
		}
		if len(part) < perSegment {
			return nil
		}
	}
}

// A Reader reads the fingerprints of a sealed set, in ascending order, with one segment in
// memory.
type Reader struct {
	src   io.Reader
	seg   segments
	tag   [32]byte
	hash  hash.Hash
	index uint64
	n     uint64
	last  Fingerprint
	plain []byte // of the segment that is being read
	buf   []byte
	ended bool // the last segment was read
}

// OpenSet returns a reader of the set with a tag, sealed under the key.
func OpenSet(k Key, tag [32]byte, sealed io.Reader) (*Reader, error) {
	seg, err := k.segments(tag)
	if err != nil {
		return nil, err
	}
	return &Reader{src: sealed, seg: seg, tag: tag, hash: newTagHash(), buf: make([]byte, SegmentSize)}, nil
}

// Next returns the next fingerprint. It returns io.EOF at the end of a set that is whole:
// what was read before must not be relied on before that. It returns pdx.ErrCorrupt if this
// is not the sealed set with the tag, and other errors of the source.
func (r *Reader) Next() (Fingerprint, error) {
	for len(r.plain) == 0 {
		if r.ended {
			return Fingerprint{}, r.finish()
		}
		if err := r.segment(); err != nil {
			return Fingerprint{}, err
		}
	}
	f := Fingerprint(r.plain[:FingerprintLen])
	r.plain = r.plain[FingerprintLen:]
	if r.n > 0 && compare(r.last, f) >= 0 {
		return f, r.corrupt("fingerprints are not in order")
	}
	if r.n++; r.n > MaxFingerprints {
		return f, r.corrupt("too many fingerprints")
	}
	r.last = f
	_, _ = r.hash.Write(f[:])
	return f, nil
}

// segment reads and decrypts one segment.
func (r *Reader) segment() error {
	n, err := io.ReadFull(r.src, r.buf)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.ended = true
	case err != nil:
		return fmt.Errorf("read record set: %w", err)
	}
	if r.ended && (n < tagSize || n%FingerprintLen != 0) {
		return r.corrupt("it is cut off")
	}
	plain, err := r.seg.aead.Open(r.buf[:0], r.seg.nonce(r.index), r.buf[:n], nil)
	if err != nil {
		return r.corrupt(fmt.Sprintf("segment %d does not decrypt", r.index))
	}
	r.index++
	r.plain = plain
	return nil
}

func (r *Reader) finish() error {
	if r.n == 0 || [32]byte(r.hash.Sum(nil)) != r.tag {
		return r.corrupt("its tag is another one")
	}
	return io.EOF
}

func (r *Reader) corrupt(why string) error {
	return fmt.Errorf("record set: %w: %s", pdx.ErrCorrupt, why)
}

// ReadSet reads a whole set.
func ReadSet(k Key, tag [32]byte, sealed io.Reader) (Set, error) {
	r, err := OpenSet(k, tag, sealed)
	if err != nil {
		return Set{}, err
	}
	var s Set
	for {
		f, err := r.Next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return Set{}, err
		}
		s.found = append(s.found, f)
	}
}
