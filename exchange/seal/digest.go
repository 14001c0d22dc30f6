package seal

import (
	"fmt"
	"hash"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// Digest returns the hash of a plaintext that a verdict's report hash covers: BLAKE3 under a
// key that comes from M. Who has not opened the dataset and read all of it cannot compute
// it, and unlike the plaintext commitment it is nowhere on chain. It returns pdx.ErrInvalid
// for an unknown aead.
func (k *Key) Digest(aead pdx.AEAD) (hash.Hash, error) {
	if _, err := newAEAD(aead, make([]byte, keyLen)); err != nil {
		return nil, err
	}
	key, err := expand(k.Opening(), "fx1/report+", aead, slices.Concat(k.public[:], k.nonce[:]), keyLen)
	if err != nil {
		return nil, err
	}
	digest, err := blake3.NewKeyed(key)
	if err != nil {
		return nil, fmt.Errorf("report digest: %w", err)
	}
	return digest, nil
}
