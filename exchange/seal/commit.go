package seal

import (
	"fmt"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// Commitment reads src to its end and returns the commitment that sealing it under
// this key gives. It shows whether src is what was sealed before, without sealing
// anything a second time: another plaintext under the same key would give both
// away. An unknown aead is pdx.ErrInvalid; other errors come from src.
func (k *Key) Commitment(src io.Reader, aead pdx.AEAD) ([32]byte, error) {
	if _, err := newAEAD(aead, make([]byte, keyLen)); err != nil {
		return [32]byte{}, err
	}
	m, err := expandMaster(k.Opening(), aead, k.public, k.nonce)
	if err != nil {
		return [32]byte{}, err
	}
	hash, err := blake3.NewKeyed(m.commitSalt[:])
	if err != nil {
		return [32]byte{}, fmt.Errorf("plaintext commitment: %w", err)
	}
	if _, err := io.Copy(hash, src); err != nil {
		return [32]byte{}, fmt.Errorf("plaintext commitment: %w", err)
	}
	return [32]byte(hash.Sum(nil)), nil
}
