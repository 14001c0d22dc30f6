package datapooltest

import (
	"bytes"
	"fmt"
	"math"

	"lukechampine.com/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
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

// Offer returns what the chain takes from a seller that read this pool, and agrees to
// whatever it costs: term 1 and the field /id.
func (s Sealed) Offer(chainID string, pool pdx.Pool, seller pdx.Address, validators ...pdx.Address) pdx.Offer {
	return pdx.Offer{
		Pool: pool.ID, Dataset: s.Dataset, Validators: validators, Agreed: []uint32{1}, Fields: []string{"/id"},
		Price: pool.Price, MaxCommission: types.BasisPoints, MaxDeposit: math.MaxInt64, TermsHash: pool.TermsHash,
		Possession: s.Possession(chainID, uint64(pool.ID), seller),
	}
}

// Possession returns the proof with which a seller offers the dataset to a pool.
func (s Sealed) Possession(chainID string, pool uint64, seller pdx.Address) []byte {
	bound := attest.OfferDataset{ChainID: chainID, Pool: pdx.PoolID(pool), Seller: seller, Root: s.Dataset.Root}
	proof, err := s.Key.ProvePossession(bound.Hash())
	if err != nil {
		panic(fmt.Sprintf("datapooltest: prove dataset key: %v", err))
	}
	return proof
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
