package dedup

import (
	"crypto/hkdf"
	"crypto/sha512"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/group"
)

// KeyLen is the length of a tag key in bytes.
const KeyLen = 32

// A Key is a pool's tag key. The zero Key is invalid.
type Key struct {
	group.Redacted
	secret group.Hidden[[KeyLen]byte]
	pool   Pool
}

// Pool is what a tag key belongs to.
type Pool struct {
	ChainID  string
	BuyerKey pdx.Element // B
}

// NewKey returns the tag key of a pool from its secret (seal.BuyerKey.TagSecret).
func NewKey(pool Pool, secret [KeyLen]byte) Key {
	return Key{secret: group.Hide(&secret), pool: pool}
}

// Commitment returns the hash by which the chain names the key.
func (k Key) Commitment() [32]byte {
	return attest.TagKey{ChainID: k.pool.ChainID, BuyerKey: k.pool.BuyerKey, Key: *k.secret.Reveal()}.Commitment()
}

// expand returns n bytes of HKDF-SHA512 of the key for a use.
func (k Key) expand(use string, n int) ([]byte, error) {
	okm, err := hkdf.Key(sha512.New, k.secret.Reveal()[:], nil, "fx1/"+use, n)
	if err != nil {
		return nil, fmt.Errorf("expand tag key: %w", err)
	}
	return okm, nil
}
