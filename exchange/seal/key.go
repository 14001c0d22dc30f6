package seal

import (
	"fmt"
	"sync/atomic"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/proof"
)

// A Key is the key of one dataset. Seed.Dataset returns it to the seller, and
// OpenDataset to a party that has M.
type Key struct {
	group.Redacted
	secret group.Scalar              // s
	public pdx.Element               // S = s·g
	master group.Hidden[pdx.Element] // M = s·H
	nonce  [32]byte
	sealed atomic.Bool
}

func newKey(s group.Scalar, nonce [32]byte) (*Key, error) {
	public, err := group.BaseMul(s)
	if err != nil {
		return nil, fmt.Errorf("dataset key: %w", err)
	}
	base, err := group.DatasetBase(public.Bytes(), nonce)
	if err != nil {
		return nil, fmt.Errorf("dataset base: %w", err)
	}
	master, err := base.Mul(s)
	if err != nil {
		return nil, fmt.Errorf("dataset key: %w", err)
	}
	return &Key{secret: s, public: public.Bytes(), master: group.Hide(new(master.Bytes())), nonce: nonce}, nil
}

// Public returns S.
func (k *Key) Public() pdx.Element { return k.public }

// Nonce returns the dataset's nonce.
func (k *Key) Nonce() [32]byte { return k.nonce }

// Opening returns M, with which anybody can decrypt the whole dataset.
func (k *Key) Opening() pdx.Element { return *k.master.Reveal() }

// ProveOpening returns a dleq-v1 of 64 bytes that proves Opening; ctx is the Hash of an
// attest.OpenDataset.
func (k *Key) ProveOpening(ctx [32]byte) ([]byte, error) {
	return proof.ProveOpening(ctx, k.secret, k.nonce)
}

// ProvePossession returns a pop-v1 of 64 bytes that proves knowledge of s; ctx is the Hash of
// an attest.OfferDataset.
func (k *Key) ProvePossession(ctx [32]byte) ([]byte, error) {
	return proof.ProvePop(ctx, k.secret)
}

// Deliver returns M, encrypted to the buyer's key as D1 and D2, and a deliver-v1 of 96
// bytes that proves it; ctx is the Hash of an attest.Deliver. Every call returns
// another encryption.
func (k *Key) Deliver(ctx [32]byte, buyerKey pdx.Element) (d1, d2 pdx.Element, prf []byte, err error) {
	return proof.ProveDeliver(ctx, k.secret, k.nonce, buyerKey)
}
