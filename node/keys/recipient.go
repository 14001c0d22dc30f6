package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/sha512"
	"fmt"

	"github.com/cosmos/go-bip39"

	"github.com/medibloc/pdx/exchange/dedup"
)

// recipientInfo is what a validator's recipient key is derived under. It is fixed: a home
// that is recovered from the mnemonic must open what pools sealed before.
const recipientInfo = "pdx/recipient-key/v1"

// Recipient returns the key pair to which pools seal their tag keys, derived from the
// account's mnemonic as the seed of dataset keys is.
func Recipient(ctx context.Context, secrets Secrets) (dedup.Recipient, error) {
	words, err := Mnemonic(ctx, secrets)
	if err != nil {
		return dedup.Recipient{}, fmt.Errorf("recipient key: %w", err)
	}
	seed, err := hkdf.Key(sha512.New, bip39.NewSeed(words, ""), nil, recipientInfo, dedup.RecipientLen)
	if err != nil {
		return dedup.Recipient{}, fmt.Errorf("recipient key: %w", err)
	}
	return dedup.NewRecipient(seed)
}
