package proof

import (
	"crypto/rand"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProveOpen decrypts a delivery with the buyer's secret b. It returns M = D2 − b·D1 and
// an open-v1 of 64 bytes that proves it.
func ProveOpen(ctx [32]byte, b group.Scalar, d1, d2 pdx.Element) (m pdx.Element, proof []byte, err error) {
	points, err := decodePoints(named{"D1", d1}, named{"D2", d2})
	if err != nil {
		return m, nil, err
	}
	buyer, err := group.BaseMul(b)
	if err != nil {
		return m, nil, refuse("B", err)
	}
	shared, err := points[0].Mul(b)
	if err != nil {
		return m, nil, refuse("b·D1", err)
	}
	opened, err := points[1].Sub(shared)
	if err != nil {
		return m, nil, refuse("M", err)
	}
	proof, err = newStatement(openV1, ctx, buyer, points[0], points[1], opened).prove(rand.Reader, b)
	if err != nil {
		return m, nil, err
	}
	return opened.Bytes(), proof, nil
}

// VerifyOpen returns ErrProof unless the delivery (d1, d2) to buyerKey decrypts to m.
func VerifyOpen(ctx [32]byte, buyerKey, d1, d2, m pdx.Element, proof []byte) error {
	points, err := decodePoints(named{"B", buyerKey}, named{"D1", d1}, named{"D2", d2}, named{"M", m})
	if err != nil {
		return err
	}
	return newStatement(openV1, ctx, points...).verify(proof)
}
