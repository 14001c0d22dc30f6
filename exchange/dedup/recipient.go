package dedup

import (
	"crypto/ecdh"
	"crypto/hpke"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/group"
)

const (
	// RecipientLen is the length of a recipient key, an X25519 public key, in bytes.
	RecipientLen = 32
	// SealedKeyLen is the length of a sealed tag key: an X25519 key, the tag key and 16 bytes
	// of the cipher.
	SealedKeyLen = RecipientLen + KeyLen + 16
)

// suite returns the algorithms of RFC 9180, in the mode Base.
func suite() (hpke.KEM, hpke.KDF, hpke.AEAD) {
	return hpke.DHKEM(ecdh.X25519()), hpke.HKDFSHA256(), hpke.ChaCha20Poly1305()
}

// A Recipient is a validator's key pair, to which pools seal their tag keys. The zero
// Recipient is invalid.
type Recipient struct {
	group.Redacted
	secret group.Hidden[hpke.PrivateKey]
}

// NewRecipient derives a key pair from a seed of at least 32 bytes (RFC 9180, DeriveKeyPair).
// The same seed gives the same keys.
func NewRecipient(seed []byte) (Recipient, error) {
	if len(seed) < RecipientLen {
		return Recipient{}, fmt.Errorf("seed of a recipient key: %w: %d bytes, at least %d are needed", pdx.ErrInvalid, len(seed), RecipientLen)
	}
	kem, _, _ := suite()
	private, err := kem.DeriveKeyPair(seed)
	if err != nil {
		return Recipient{}, fmt.Errorf("derive recipient key: %w", err)
	}
	return Recipient{secret: group.Hide(&private)}, nil
}

// Public returns the key that the validator registers.
func (r Recipient) Public() [RecipientLen]byte {
	return [RecipientLen]byte((*r.secret.Reveal()).PublicKey().Bytes())
}

// CheckRecipient returns pdx.ErrInvalid unless a tag key can be sealed to this recipient key:
// 32 bytes, and no point of small order, which would make every sealed key readable.
func CheckRecipient(public []byte) error {
	key, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		return fmt.Errorf("recipient key: %w: %w", pdx.ErrInvalid, err)
	}
	// Any secret will do: X25519 refuses a result of zero, which only these points give.
	secret, err := ecdh.X25519().NewPrivateKey(append(make([]byte, RecipientLen-1), 64))
	if err != nil {
		return fmt.Errorf("recipient key: %w", err)
	}
	if _, err := secret.ECDH(key); err != nil {
		return fmt.Errorf("recipient key: %w: %w", pdx.ErrInvalid, err)
	}
	return nil
}

// SealTo seals the key to a validator of its pool, SealedKeyLen bytes. It returns
// pdx.ErrInvalid for a key that CheckRecipient refuses.
func (k Key) SealTo(validator pdx.Address, public []byte) ([]byte, error) {
	if err := CheckRecipient(public); err != nil {
		return nil, err
	}
	kem, kdf, aead := suite()
	key, err := kem.NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("recipient key: %w: %w", pdx.ErrInvalid, err)
	}
	sealed, err := hpke.Seal(key, kdf, aead, k.pool.info(validator), k.secret.Reveal()[:])
	if err != nil {
		return nil, fmt.Errorf("seal tag key: %w", err)
	}
	return sealed, nil
}

// Open opens what a pool's buyer sealed to this validator. It returns pdx.ErrCorrupt if it
// does not open or is not the key that the pool commits to.
func (r Recipient) Open(pool Pool, validator pdx.Address, sealed []byte, commitment [32]byte) (Key, error) {
	_, kdf, aead := suite()
	secret, err := hpke.Open(*r.secret.Reveal(), kdf, aead, pool.info(validator), sealed)
	if err != nil || len(secret) != KeyLen {
		return Key{}, fmt.Errorf("open tag key: %w: it is not sealed to this validator", pdx.ErrCorrupt)
	}
	key := NewKey(pool, [KeyLen]byte(secret))
	if key.Commitment() != commitment {
		return Key{}, fmt.Errorf("open tag key: %w: the pool commits to another one", pdx.ErrCorrupt)
	}
	return key, nil
}

func (p Pool) info(validator pdx.Address) []byte {
	return attest.SealedTagKey{ChainID: p.ChainID, BuyerKey: p.BuyerKey, Validator: validator}.Info()
}
