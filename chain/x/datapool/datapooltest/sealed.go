package datapooltest

import (
	"bytes"
	"fmt"

	"lukechampine.com/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// Sealed is a dataset as its seller has it.
type Sealed struct {
	Key        *seal.Key
	Dataset    pdx.Dataset
	Ciphertext []byte
}

// Seal seals a plaintext under a key of its own.
func Seal(plaintext []byte) Sealed {
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	if err != nil {
		panic(fmt.Sprintf("datapooltest: dataset key: %v", err))
	}
	return SealWith(key, pdx.AES256GCM, plaintext)
}

// SealWith seals a plaintext under a key that has sealed nothing yet.
func SealWith(key *seal.Key, aead pdx.AEAD, plaintext []byte) Sealed {
	var ciphertext bytes.Buffer
	facts, err := key.Seal(&ciphertext, bytes.NewReader(plaintext), aead)
	if err != nil {
		panic(fmt.Sprintf("datapooltest: seal: %v", err))
	}
	return Sealed{Key: key, Ciphertext: ciphertext.Bytes(), Dataset: pdx.Dataset{
		Root:       blake3.Sum256(ciphertext.Bytes()),
		Size:       facts.Size,
		Key:        key.Public(),
		Nonce:      key.Nonce(),
		AEAD:       aead,
		Box:        facts.Box,
		KeyCommit:  facts.KeyCommit,
		Commitment: facts.Commitment,
	}}
}

// OnChain returns a dataset as a message carries it.
func OnChain(ds pdx.Dataset) types.Dataset {
	return types.Dataset{
		Root:                ds.Root[:],
		Size_:               ds.Size,
		DatasetKey:          ds.Key[:],
		Nonce:               ds.Nonce[:],
		Aead:                string(ds.AEAD),
		Box:                 ds.Box[:],
		KeyCommit:           ds.KeyCommit[:],
		PlaintextCommitment: ds.Commitment[:],
	}
}
