package seal

import (
	"crypto/subtle"
	"fmt"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// OpenDataset returns the dataset's key: it checks the key commitment and decrypts the
// box with m, which is M. It returns ErrBox if the box does not open or does not
// contain the secret of both ds.Key and m, and pdx.ErrInvalid for an unknown cipher.
// The key opens and proves but cannot seal.
func OpenDataset(m pdx.Element, ds pdx.Dataset) (*Key, error) {
	mat, err := expandMaster(m, ds.AEAD, ds.Key, ds.Nonce)
	if err != nil {
		return nil, err
	}
	c, err := newAEAD(ds.AEAD, mat.boxKey[:])
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(mat.keyCommit[:], ds.KeyCommit[:]) != 1 {
		return nil, fmt.Errorf("%w: key commitment", ErrBox)
	}
	secret, err := c.Open(nil, mat.boxNonce[:], ds.Box[:], nil)
	if err != nil {
		return nil, fmt.Errorf("%w: seal", ErrBox)
	}
	s, err := group.DecodeScalar(secret)
	if err != nil {
		return nil, fmt.Errorf("%w: not a scalar", ErrBox)
	}
	key, err := newKey(s, ds.Nonce)
	if err != nil || key.public != ds.Key || key.Opening() != m {
		return nil, fmt.Errorf("%w: another key's secret", ErrBox)
	}
	key.sealed.Store(true)
	return key, nil
}

// Open decrypts the ciphertext of ds from src to dst, block by block in order. It opens up
// to four blocks at the same time, in memory for two blocks each, reads src in one goroutine
// and writes dst in another. It writes only authenticated plaintext, but finds out only at
// the end whether the plaintext is whole and the committed one, so the caller must discard
// it unless Open returns nil.
//
// Open returns a *SegmentError, ErrSize or ErrCommitment, which all wrap
// pdx.ErrCorrupt, for a fault of the dataset, and pdx.ErrInvalid if ds has another key
// or an unknown cipher. Other errors are those of src and dst. It does not check the
// box and the key commitment; OpenDataset does.
func (k *Key) Open(dst io.Writer, src io.Reader, ds pdx.Dataset) error {
	if ds.Key != k.public || ds.Nonce != k.nonce {
		return fmt.Errorf("open dataset: %w: it has another key", pdx.ErrInvalid)
	}
	m, err := expandMaster(k.Opening(), ds.AEAD, k.public, k.nonce)
	if err != nil {
		return err
	}
	commitment, err := blake3.NewKeyed(m.commitSalt[:])
	if err != nil {
		return fmt.Errorf("plaintext commitment: %w", err)
	}
	if err := k.openStream(Beside(commitment, dst), src, ds.AEAD, ds.Size); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(commitment.Sum(nil), ds.Commitment[:]) != 1 {
		return ErrCommitment
	}
	return nil
}

func readCiphertext(src io.Reader, b []byte) error {
	_, end, err := readUpTo(src, b)
	if err != nil {
		return fmt.Errorf("read ciphertext: %w", err)
	}
	if end {
		return fmt.Errorf("%w: cut off", ErrSize)
	}
	return nil
}

func expectEnd(src io.Reader) error {
	_, end, err := readUpTo(src, make([]byte, 1))
	if err != nil {
		return fmt.Errorf("read ciphertext: %w", err)
	}
	if !end {
		return fmt.Errorf("%w: bytes after the end", ErrSize)
	}
	return nil
}
