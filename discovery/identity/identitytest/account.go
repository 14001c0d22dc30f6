// Package identitytest has accounts for tests.
package identitytest

import (
	"crypto/sha256"
	"sync/atomic"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// Account is a Signer with its key in memory. It counts its signatures.
type Account struct {
	// Named, when set, is the address that the account claims instead of its own.
	Named pdx.Address

	key    *secp256k1.PrivateKey
	signed atomic.Int64
}

// New makes the account of a name: the same name, the same account.
func New(name string) *Account {
	seed := sha256.Sum256([]byte("pdx test account " + name))
	return &Account{key: secp256k1.PrivKeyFromBytes(seed[:])}
}

// Account is the address.
func (a *Account) Account() pdx.Address {
	if a.Named != "" {
		return a.Named
	}
	address, err := attest.AccountOf(a.PublicKey())
	if err != nil {
		panic(err) // the key is well-formed
	}
	return address
}

// PublicKey is the compressed key.
func (a *Account) PublicKey() []byte { return a.key.PubKey().SerializeCompressed() }

// Sign signs SHA-256 of message.
func (a *Account) Sign(message []byte) ([]byte, error) {
	a.signed.Add(1)
	digest := sha256.Sum256(message)
	return ecdsa.SignCompact(a.key, digest[:], true)[1:], nil
}

// Signed is how often it has signed.
func (a *Account) Signed() int { return int(a.signed.Load()) }
