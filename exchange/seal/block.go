package seal

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// blockCipher seals and opens the segments of one block.
type blockCipher struct {
	aead cipher.AEAD
	base [nonceLen]byte
}

// block returns the cipher of block j, whose key and nonces are expanded from M_j =
// s·H_j.
func (k *Key) block(aead pdx.AEAD, j uint64) (*blockCipher, error) {
	base, err := group.BlockBase(k.public, k.nonce, j)
	if err != nil {
		return nil, fmt.Errorf("base of block %d: %w", j, err)
	}
	mj, err := base.Mul(k.secret)
	if err != nil {
		return nil, fmt.Errorf("key of block %d: %w", j, err)
	}
	return expandBlock(mj.Bytes(), aead, k.public, k.nonce, j)
}

// nonce returns the nonce of segment i, counted over the whole ciphertext.
func (c *blockCipher) nonce(i uint64) []byte {
	n := c.base
	var index [8]byte
	binary.BigEndian.PutUint64(index[:], i)
	subtle.XORBytes(n[4:], n[4:], index[:])
	return n[:]
}

// sealBlock appends block j to dst. plain is the plaintext of a full block or, if the
// plaintext ends in this block, the rest of it, which may be empty; the last segment is
// then the short one. The result depends on no other block.
func (k *Key) sealBlock(dst []byte, aead pdx.AEAD, j uint64, plain []byte, last bool) ([]byte, error) {
	c, err := k.block(aead, j)
	if err != nil {
		return nil, err
	}
	i := j * BlockSegments
	for ; len(plain) >= PlainSegment; i++ {
		dst = c.aead.Seal(dst, c.nonce(i), plain[:PlainSegment], nil)
		plain = plain[PlainSegment:]
	}
	if last {
		dst = c.aead.Seal(dst, c.nonce(i), plain, nil)
	}
	return dst, nil
}

// openBlock appends the plaintext of block j to dst, or returns a *SegmentError for the
// first segment that does not decrypt. The result depends on no other block.
func (k *Key) openBlock(dst []byte, aead pdx.AEAD, j uint64, sealed []byte) ([]byte, error) {
	c, err := k.block(aead, j)
	if err != nil {
		return nil, err
	}
	for i := j * BlockSegments; len(sealed) > 0; i++ {
		n := min(SegmentSize, len(sealed))
		if dst, err = c.aead.Open(dst, c.nonce(i), sealed[:n], nil); err != nil {
			return nil, &SegmentError{Index: i}
		}
		sealed = sealed[n:]
	}
	return dst, nil
}
