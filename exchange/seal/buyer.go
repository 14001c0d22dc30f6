package seal

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/proof"
)

// BuyerKey is the secret b that a pool's deliveries are encrypted to: new for
// every pool, destroyed when the pool is done. The zero BuyerKey is no key.
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

// BuyerKeyFromBytes reads what Bytes gave; anything else is pdx.ErrInvalid.
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

// Bytes gives the secret away, to be stored sealed: 32 bytes.
func (k BuyerKey) Bytes() [32]byte { return k.secret.Bytes() }

// Public is B.
func (k BuyerKey) Public() pdx.Element { return k.public }

// Prove shows possession of the key: pop-v1, 64 bytes.
func (k BuyerKey) Prove(ctx [32]byte) ([]byte, error) { return proof.ProvePop(ctx, k.secret) }

// Recover decrypts a delivery: M = D2 − b·D1, for OpenDataset. The chain has
// checked the delivery's proof; elements that do not decode are pdx.ErrRefused.
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
