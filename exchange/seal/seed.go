package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha512"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// SeedLen is the length of a master seed in bytes.
const SeedLen = 32

// A Seed is a seller's master secret, from which every dataset key is derived. It is
// never an account key. The zero Seed is invalid.
type Seed struct {
	group.Redacted
	secret group.Hidden[[SeedLen]byte]
}

// NewSeed returns a random seed.
func NewSeed() Seed { return Seed{secret: group.Hide(new(random32()))} }

// SeedFromBytes decodes the result of Bytes. It returns pdx.ErrInvalid for another
// length.
func SeedFromBytes(b []byte) (Seed, error) {
	if len(b) != SeedLen {
		return Seed{}, fmt.Errorf("master seed: %w: %d bytes, not %d", pdx.ErrInvalid, len(b), SeedLen)
	}
	return Seed{secret: group.Hide(new([SeedLen]byte(b)))}, nil
}

// Bytes returns the secret, which must be stored encrypted.
func (s Seed) Bytes() [SeedLen]byte { return *s.secret.Reveal() }

// NewNonce returns a random nonce for one dataset in one pool.
func NewNonce() [32]byte { return random32() }

// Dataset returns the key of the dataset with this nonce. The same seed and nonce give
// the same key. It returns an error only if a hash is zero, which does not happen in
// practice.
func (s Seed) Dataset(nonce [32]byte) (*Key, error) {
	wide, err := hkdf.Key(sha512.New, s.secret.Reveal()[:], nonce[:], "fx1/dataset-scalar", 64)
	if err != nil {
		return nil, fmt.Errorf("derive dataset key: %w", err)
	}
	return newKey(group.ReduceScalar([64]byte(wide)), nonce)
}

// random32 returns no error: crypto/rand ends the process instead of failing.
func random32() (b [32]byte) {
	_, _ = rand.Read(b[:])
	return b
}
