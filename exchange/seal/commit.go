package seal

import (
	"fmt"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// Commitment reads src to its end and returns the commitment of sealing it with this
// key. A caller can thus find out whether src is the plaintext that was sealed before,
// without sealing a second time: another plaintext under the same key would reveal
// both. It returns pdx.ErrInvalid for an unknown aead; other errors are those of src.
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
