package seal

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/proof"
)

// A BuyerKey is the key pair b, B = b·g of a pool's buyer, to which the pool's
// deliveries are encrypted. It is new for every pool and destroyed when the pool is
// done. The zero BuyerKey is invalid.
type BuyerKey struct {
	group.Redacted
	secret group.Scalar // b, not 0
	public pdx.Element  // B = b·g
}

// NewBuyerKey returns a random key.
func NewBuyerKey() BuyerKey {
	for { // 0 comes up once in 2^252
		lo, hi := random32(), random32()
		b := group.ReduceScalar([64]byte(append(lo[:], hi[:]...)))
		if key, err := newBuyerKey(b); err == nil {
			return key
		}
	}
}

// BuyerKeyFromBytes decodes the result of Bytes. It returns pdx.ErrInvalid for anything
// else.
func BuyerKeyFromBytes(b []byte) (BuyerKey, error) {
	s, err := group.DecodeScalar(b)
	if err != nil {
		return BuyerKey{}, fmt.Errorf("buyer key: %w: %w", pdx.ErrInvalid, err)
	}
	return newBuyerKey(s)
}

func newBuyerKey(b group.Scalar) (BuyerKey, error) {
	public, err := group.BaseMul(b)
	if err != nil {
		return BuyerKey{}, fmt.Errorf("buyer key: %w: %w", pdx.ErrInvalid, err)
	}
	return BuyerKey{secret: b, public: public.Bytes()}, nil
}

// Bytes returns the secret b, 32 bytes, which must be stored encrypted.
func (k BuyerKey) Bytes() [32]byte { return k.secret.Bytes() }

// Public returns B.
func (k BuyerKey) Public() pdx.Element { return k.public }

// Prove returns a pop-v1 of 64 bytes, which proves possession of the key; ctx is the
// Hash of an attest.PoolKey.
func (k BuyerKey) Prove(ctx [32]byte) ([]byte, error) { return proof.ProvePop(ctx, k.secret) }

// Recover decrypts a delivery and returns M = D2 − b·D1, which OpenDataset takes. It
// does not verify the delivery's proof, which the chain has done. It returns
// pdx.ErrRefused if an element does not decode.
func (k BuyerKey) Recover(d1, d2 pdx.Element) (m pdx.Element, err error) {
	first, err := group.DecodePoint(d1[:])
	if err != nil {
		return m, fmt.Errorf("D1: %w", err)
	}
	second, err := group.DecodePoint(d2[:])
	if err != nil {
		return m, fmt.Errorf("D2: %w", err)
	}
	shared, err := first.Mul(k.secret)
	if err != nil {
		return m, fmt.Errorf("b·D1: %w", err)
	}
	opened, err := second.Sub(shared)
	if err != nil {
		return m, fmt.Errorf("recovered element: %w", err)
	}
	return opened.Bytes(), nil
}
