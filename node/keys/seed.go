package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/sha512"
	"fmt"

	"github.com/cosmos/go-bip39"

	"github.com/medibloc/pdx/exchange/seal"
)

// seedInfo is what the seed of all dataset keys is derived under. It is fixed: a
// home that is recovered from the mnemonic must make the same seed.
const seedInfo = "pdx/dataset-seed/v1"

// DatasetSeed returns the seed of all dataset keys of the account, derived from its
// mnemonic: HKDF-SHA512 of the BIP-39 seed without a passphrase. The account's key
// comes from the same words on another path (BIP-32), so neither tells the other.
func DatasetSeed(ctx context.Context, secrets Secrets) (seal.Seed, error) {
	words, err := Mnemonic(ctx, secrets)
	if err != nil {
		return seal.Seed{}, fmt.Errorf("dataset seed: %w", err)
	}
	raw, err := hkdf.Key(sha512.New, bip39.NewSeed(words, ""), nil, seedInfo, seal.SeedLen)
	if err != nil {
		return seal.Seed{}, fmt.Errorf("dataset seed: %w", err)
	}
	return seal.SeedFromBytes(raw)
}
