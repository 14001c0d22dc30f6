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

// Seed is a seller's master secret; every dataset key comes from it. It is
// never an account key. The zero Seed is no seed.
type Seed struct {
	group.Redacted
	secret group.Hidden[[SeedLen]byte]
}

// NewSeed returns a random seed.
func NewSeed() Seed { return Seed{secret: group.Hide(new(random32()))} }

// SeedFromBytes reads what Bytes gave; another length is pdx.ErrInvalid.
func SeedFromBytes(b []byte) (Seed, error) {
	if len(b) != SeedLen {
		return Seed{}, fmt.Errorf("master seed: %w: %d bytes, not %d", pdx.ErrInvalid, len(b), SeedLen)
	}
	return Seed{secret: group.Hide(new([SeedLen]byte(b)))}, nil
}

// Bytes gives the secret away, to be stored sealed.
func (s Seed) Bytes() [SeedLen]byte { return *s.secret.Reveal() }

// NewNonce returns a nonce for one dataset in one pool.
func NewNonce() [32]byte { return random32() }

// Dataset returns the key of the dataset with this nonce; the same seed and nonce
// give the same key. The error is one nobody will see: a hash that hits zero.
func (s Seed) Dataset(nonce [32]byte) (*Key, error) {
	wide, err := hkdf.Key(sha512.New, s.secret.Reveal()[:], nonce[:], "fx1/dataset-scalar", 64)
	if err != nil {
		return nil, fmt.Errorf("derive dataset key: %w", err)
	}
	return newKey(group.ReduceScalar([64]byte(wide)), nonce)
}

// random32 needs no error: crypto/rand ends the process rather than fail.
func random32() (b [32]byte) {
	_, _ = rand.Read(b[:])
	return b
}
