package seal

import (
	"fmt"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// Facts are the fields of a pdx.Dataset that sealing determines, except for the root.
type Facts struct {
	Size       uint64   // bytes of ciphertext
	Box        [48]byte // s, encrypted under M, with a tag
	KeyCommit  [32]byte
	Commitment [32]byte // to the plaintext: BLAKE3 with a key that is expanded from M
}

// Seal reads src to its end and writes the ciphertext to dst, block by block in order.
// It seals up to four blocks at the same time, in memory for two blocks each. It reads
// src in one goroutine and writes dst in another. A key seals once: Seal returns
// ErrSealed the second time, even if the first call failed half-way. It returns
// pdx.ErrInvalid for an unknown aead; other errors are those of src and dst.
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

// readUpTo fills b, or reports that src ended before b was full. Unlike with
// io.ReadFull, an io.ErrUnexpectedEOF of src, which means that src was cut off, is an
// error and not the end.
func readUpTo(src io.Reader, b []byte) (n int, end bool, err error) {
	for n < len(b) {
		m, err := src.Read(b[n:])
		n += m
		if err == io.EOF { // readers return it unwrapped; a wrapped one is a failure
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
