package simulation

import (
	"bytes"
	"fmt"
	"math/rand"

	"lukechampine.com/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// secrets are what buyers and sellers keep beside the chain.
type secrets struct {
	buyers   map[pdx.Element]seal.BuyerKey // by B
	datasets map[pdx.Element]sealed        // by S
}

// sealed is a dataset as its seller has it.
type sealed struct {
	key        *seal.Key
	ciphertext []byte // of one segment
	spoiled    bool
}

func newSecrets() *secrets {
	return &secrets{buyers: map[pdx.Element]seal.BuyerKey{}, datasets: map[pdx.Element]sealed{}}
}

// newBuyerKey returns a key whose scalar is surely below q.
func (s *secrets) newBuyerKey(r *rand.Rand) seal.BuyerKey {
	var b [32]byte
	_, _ = r.Read(b[:31])
	key, err := seal.BuyerKeyFromBytes(b[:])
	check("buyer key", err)
	s.buyers[key.Public()] = key
	return key
}

// newDataset seals something; some of it is spoiled, in its segment or its box.
func (s *secrets) newDataset(r *rand.Rand) types.Dataset {
	var nonce [32]byte
	master := make([]byte, seal.SeedLen)
	_, _ = r.Read(master)
	_, _ = r.Read(nonce[:])
	seed, err := seal.SeedFromBytes(master)
	check("seed", err)
	key, err := seed.Dataset(nonce)
	check("dataset key", err)
	var ciphertext bytes.Buffer
	facts, err := key.Seal(&ciphertext, bytes.NewReader(nonce[:r.Intn(32)]), pdx.AES256GCM)
	check("seal", err)
	fault := r.Intn(8)
	switch fault {
	case 0:
		facts.Box[0] ^= 1
	case 1:
		ciphertext.Bytes()[0] ^= 1
	}
	s.datasets[key.Public()] = sealed{key: key, ciphertext: ciphertext.Bytes(), spoiled: fault < 2}
	public, root := key.Public(), blake3.Sum256(ciphertext.Bytes())
	return types.Dataset{
		Root: root[:], Size_: facts.Size, DatasetKey: public[:], Nonce: nonce[:], Aead: string(pdx.AES256GCM),
		Box: facts.Box[:], KeyCommit: facts.KeyCommit[:], PlaintextCommitment: facts.Commitment[:],
	}
}

// check panics: what fails here is the simulation's own doing.
func check(what string, err error) {
	if err != nil {
		panic(fmt.Sprintf("simulation: %s: %v", what, err))
	}
}
