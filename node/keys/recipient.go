package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/sha512"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/cosmos/go-bip39"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
)

const (
	// recipientInfo is what a validator's first recipient key is derived under, and with "/N"
	// behind it the key after N rotations. It is fixed: a home that is recovered from the
	// mnemonic must open what pools sealed before.
	recipientInfo = "pdx/recipient-key/v1"
	// secretRecipient holds how often the recipient key was rotated, in decimal digits.
	secretRecipient = "keys/recipient"
	// maxRotations bounds how many keys are tried; a rotation a month takes 20 years.
	maxRotations = 240
)

// Recipients returns the key pairs to which pools seal or sealed their tag keys, the present one
// first. All are derived from the account's mnemonic, as the seed of dataset keys is.
func Recipients(ctx context.Context, secrets Secrets) ([]dedup.Recipient, error) {
	rotations, err := rotations(ctx, secrets)
	if err != nil {
		return nil, err
	}
	list, err := firstRecipients(ctx, secrets, rotations+1)
	slices.Reverse(list)
	return list, err
}

// Recipient returns the present one of Recipients.
func Recipient(ctx context.Context, secrets Secrets) (dedup.Recipient, error) {
	list, err := Recipients(ctx, secrets)
	if err != nil {
		return dedup.Recipient{}, err
	}
	return list[0], nil
}

// RotateRecipient makes the next recipient key the present one. The former ones still open what was
// sealed to them.
func RotateRecipient(ctx context.Context, secrets Secrets) error {
	rotations, err := rotations(ctx, secrets)
	if err != nil {
		return err
	}
	if rotations == maxRotations {
		return fmt.Errorf("%w: the recipient key was rotated %d times, which is the most; move to a new account instead",
			pdx.ErrRefused, maxRotations)
	}
	return putRotations(ctx, secrets, rotations+1)
}

// AdoptRecipient makes the recipient key with that public half the present one, if it comes after the
// present one: a home that was recovered from the mnemonic, or from an old backup, does not know how
// often the key was rotated, and the chain does.
func AdoptRecipient(ctx context.Context, secrets Secrets, public [dedup.RecipientLen]byte) (adopted bool, err error) {
	rotations, err := rotations(ctx, secrets)
	if err != nil {
		return false, err
	}
	list, err := firstRecipients(ctx, secrets, maxRotations+1)
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(list, func(r dedup.Recipient) bool { return r.Public() == public })
	if at <= rotations {
		return false, nil
	}
	return true, putRotations(ctx, secrets, at)
}

func rotations(ctx context.Context, secrets Secrets) (int, error) {
	raw, err := secrets.Get(ctx, secretRecipient)
	if errors.Is(err, pdx.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("recipient key: %w", err)
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil || n < 0 || n > maxRotations {
		return 0, fmt.Errorf("recipient key: %w: how often it was rotated cannot be read", pdx.ErrCorrupt)
	}
	return n, nil
}

func putRotations(ctx context.Context, secrets Secrets, n int) error {
	return secrets.Put(ctx, secretRecipient, []byte(strconv.Itoa(n)))
}

// firstRecipients derives the first n recipient keys.
func firstRecipients(ctx context.Context, secrets Secrets, n int) ([]dedup.Recipient, error) {
	words, err := Mnemonic(ctx, secrets)
	if err != nil {
		return nil, fmt.Errorf("recipient key: %w", err)
	}
	seed := bip39.NewSeed(words, "")
	list := make([]dedup.Recipient, n)
	for i := range list {
		info := recipientInfo
		if i > 0 {
			info += "/" + strconv.Itoa(i)
		}
		raw, err := hkdf.Key(sha512.New, seed, nil, info, dedup.RecipientLen)
		if err != nil {
			return nil, fmt.Errorf("recipient key: %w", err)
		}
		if list[i], err = dedup.NewRecipient(raw); err != nil {
			return nil, fmt.Errorf("recipient key: %w", err)
		}
	}
	return list, nil
}
