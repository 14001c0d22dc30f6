package seal

import (
	"fmt"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// Facts are what sealing yields beside the ciphertext, for a pdx.Dataset.
type Facts struct {
	Size       uint64   // bytes of ciphertext
	Box        [48]byte // s, sealed under M
	KeyCommit  [32]byte
	Commitment [32]byte // to the plaintext, keyed
}

// Seal reads src to its end and writes the ciphertext to dst, block by block in
// order; a few blocks are sealed at once, on as many cores, in memory for two
// blocks each. src is read and dst written by one goroutine each, which need not
// be the same. A key seals once: ErrSealed the second
// time, even when the first failed half-way. An unknown aead is pdx.ErrInvalid;
// other errors come from src and dst.
func (k *Key) Seal(dst io.Writer, src io.Reader, aead pdx.AEAD) (Facts, error) {
	m, err := expandMaster(k.Opening(), aead, k.public, k.nonce)
	if err != nil {
		return Facts{}, err
	}
	box, err := k.sealBox(m, aead)
	if err != nil {
		return Facts{}, err
	}
	if k.sealed.Swap(true) {
		return Facts{}, ErrSealed
	}
	facts := Facts{Box: box, KeyCommit: m.keyCommit}
	commitment, err := blake3.NewKeyed(m.commitSalt[:])
	if err != nil {
		return Facts{}, fmt.Errorf("plaintext commitment: %w", err)
	}
	facts.Size, err = k.sealStream(dst, io.TeeReader(src, commitment), aead)
	if err != nil {
		return Facts{}, err
	}
	facts.Commitment = [32]byte(commitment.Sum(nil))
	return facts, nil
}

// readUpTo fills b, or tells that src ended before. Unlike io.ReadFull it does
// not take a source's own io.ErrUnexpectedEOF, which is a source cut off, for
// the end.
func readUpTo(src io.Reader, b []byte) (n int, end bool, err error) {
	for n < len(b) {
		m, err := src.Read(b[n:])
		n += m
		if err == io.EOF { // readers return it bare; a wrapped one is a failure
			return n, n < len(b), nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

func (k *Key) sealBox(m material, aead pdx.AEAD) (box [48]byte, err error) {
	c, err := newAEAD(aead, m.boxKey[:])
	if err != nil {
		return box, err
	}
	secret := k.secret.Bytes()
	c.Seal(box[:0], m.boxNonce[:], secret[:], nil)
	return box, nil
}
