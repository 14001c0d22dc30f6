package attest

import (
	"crypto/sha256"
	"fmt"

	"github.com/cosmos/btcutil/bech32"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"golang.org/x/crypto/ripemd160" //nolint:staticcheck // part of the address format

	"github.com/medibloc/pdx"
)

// Lengths of public keys and signatures of accounts, in bytes.
const (
	PublicKeyLen = 33 // secp256k1, compressed
	SignatureLen = 64 // r ‖ s, big-endian, s in the lower half
)

// AccountOf returns the address of a compressed secp256k1 key, or ErrSignature for bytes that
// are not such a key.
func AccountOf(publicKey []byte) (pdx.Address, error) {
	if _, err := parseKey(publicKey); err != nil {
		return "", err
	}
	return addressOf(publicKey)
}

func addressOf(publicKey []byte) (pdx.Address, error) {
	sum := sha256.Sum256(publicKey)
	h := ripemd160.New()
	h.Write(sum[:])
	text, err := bech32.EncodeFromBase256(pdx.AddressPrefix, h.Sum(nil))
	if err != nil {
		return "", fmt.Errorf("encode address: %w", err)
	}
	return pdx.Address(text), nil
}

func parseKey(b []byte) (*secp256k1.PublicKey, error) {
	if len(b) != PublicKeyLen { // the library also takes uncompressed and hybrid keys
		return nil, fmt.Errorf("%w: key of %d bytes", ErrSignature, len(b))
	}
	key, err := secp256k1.ParsePubKey(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return key, nil
}

// verifyAccount checks that publicKey is the account's and that it signed
// SHA-256 of message, as a Cosmos keyring signs bytes. A signature with a high s
// is refused, because anybody could otherwise make a second one from the first.
func verifyAccount(account pdx.Address, publicKey, message, signature []byte) error {
	key, err := parseKey(publicKey)
	if err != nil {
		return err
	}
	address, err := addressOf(publicKey)
	if err != nil {
		return err
	}
	if address != account {
		return fmt.Errorf("%w: the key belongs to %s", ErrSignature, address)
	}
	if len(signature) != SignatureLen {
		return fmt.Errorf("%w: signature of %d bytes", ErrSignature, len(signature))
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(signature[:32]) || s.SetByteSlice(signature[32:]) || s.IsOverHalfOrder() {
		return fmt.Errorf("%w: signature not canonical", ErrSignature)
	}
	digest := sha256.Sum256(message)
	if !ecdsa.NewSignature(&r, &s).Verify(digest[:], key) {
		return fmt.Errorf("%w: signature of other bytes", ErrSignature)
	}
	return nil
}
