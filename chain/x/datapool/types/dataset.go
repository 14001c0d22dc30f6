package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/seal"
)

// RootKey returns what a deal holds in its pool: root and dataset key. Whoever offers a
// ciphertext under another key, of which it proves to know the secret, takes nothing from
// the one who sealed it: it cannot be opened under that key.
func (d Dataset) RootKey() []byte { return slices.Concat(d.Root, d.DatasetKey) }

// Validate refuses facts that no sealing could have made.
func (d Dataset) Validate() error {
	if _, err := group.DecodePoint(d.DatasetKey); err != nil {
		return errorsmod.Wrap(ErrDatasetKey, err.Error())
	}
	if d.Size_ > MaxDatasetSize || !seal.ValidSize(d.Size_) {
		return errorsmod.Wrapf(ErrSize, "%d bytes", d.Size_)
	}
	if a := pdx.AEAD(d.Aead); a != pdx.AES256GCM && a != pdx.ChaCha20Poly1305 {
		return errorsmod.Wrapf(ErrAEAD, "%q", d.Aead)
	}
	for _, field := range []struct {
		bytes []byte
		want  int
		err   *errorsmod.Error
	}{
		{d.Root, hashLen, ErrRoot},
		{d.Nonce, nonceLen, ErrNonce},
		{d.Box, boxLen, ErrBox},
		{d.KeyCommit, hashLen, ErrKeyCommit},
		{d.PlaintextCommitment, hashLen, ErrCommitment},
	} {
		if len(field.bytes) != field.want {
			return errorsmod.Wrapf(field.err, "%d bytes", len(field.bytes))
		}
	}
	return nil
}
