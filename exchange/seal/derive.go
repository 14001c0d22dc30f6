package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/medibloc/pdx"
)

// Lengths of what is expanded from M and M_j, in bytes.
const (
	keyLen   = 32 // of either AEAD
	nonceLen = 12
)

// material is what is expanded from M.
type material struct {
	boxKey     [keyLen]byte
	boxNonce   [nonceLen]byte
	keyCommit  [32]byte
	commitSalt [32]byte // the key of the plaintext commitment; "blind" in the specification
}

func expandMaster(m pdx.Element, aead pdx.AEAD, public pdx.Element, nonce [32]byte) (material, error) {
	okm, err := expand(m, "fx1/dataset+", aead, append(public[:], nonce[:]...), keyLen+nonceLen+32+32)
	if err != nil {
		return material{}, err
	}
	return material{
		boxKey:     [keyLen]byte(okm[:32]),
		boxNonce:   [nonceLen]byte(okm[32:44]),
		keyCommit:  [32]byte(okm[44:76]),
		commitSalt: [32]byte(okm[76:]),
	}, nil
}

// expandBlock returns the cipher of block j, expanded from M_j.
func expandBlock(mj pdx.Element, aead pdx.AEAD, public pdx.Element, nonce [32]byte, j uint64) (*blockCipher, error) {
	id := binary.LittleEndian.AppendUint64(append(public[:], nonce[:]...), j)
	okm, err := expand(mj, "fx1/block+", aead, id, keyLen+nonceLen)
	if err != nil {
		return nil, err
	}
	c, err := newAEAD(aead, okm[:keyLen])
	if err != nil {
		return nil, err
	}
	return &blockCipher{aead: c, base: [nonceLen]byte(okm[keyLen:])}, nil
}

// expand returns n bytes of HKDF-SHA512 of an element for a use, a cipher and a
// dataset.
func expand(element pdx.Element, use string, aead pdx.AEAD, id []byte, n int) ([]byte, error) {
	prk, err := hkdf.Extract(sha512.New, element[:], []byte("fx1/extract"))
	if err != nil {
		return nil, fmt.Errorf("extract key: %w", err)
	}
	okm, err := hkdf.Expand(sha512.New, prk, use+string(aead)+"\x00"+string(id), n)
	if err != nil {
		return nil, fmt.Errorf("expand key: %w", err)
	}
	return okm, nil
}

// newAEAD returns the cipher of that name, or pdx.ErrInvalid if the name is unknown.
func newAEAD(name pdx.AEAD, key []byte) (cipher.AEAD, error) {
	switch name {
	case pdx.AES256GCM:
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	case pdx.ChaCha20Poly1305:
		return chacha20poly1305.New(key)
	}
	return nil, fmt.Errorf("aead %q: %w: not known here", name, pdx.ErrInvalid)
}
