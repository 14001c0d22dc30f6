package proof

import (
	"crypto/rand"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProveDeliver encrypts M = s·H to the buyer's key B as (D1, D2) = (r·g, M + r·B),
// where r is random, new for every call and never 0. It returns D1, D2 and a deliver-v1
// of 96 bytes that proves them.
func ProveDeliver(ctx [32]byte, s group.Scalar, nonce [32]byte, buyerKey pdx.Element) (d1, d2 pdx.Element, proof []byte, err error) {
	r, err := group.RandomScalar(rand.Reader)
	if err != nil {
		return d1, d2, nil, err
	}
	st, err := encrypt(ctx, s, nonce, buyerKey, r)
	if err != nil {
		return d1, d2, nil, err
	}
	if proof, err = st.prove(rand.Reader, s, r); err != nil {
		return d1, d2, nil, err
	}
	return st.elements[4].Bytes(), st.elements[5].Bytes(), proof, nil
}

// encrypt returns the statement of a delivery. r = 0 would satisfy the equations and
// reveal M; it is refused, since D1 is then the identity.
func encrypt(ctx [32]byte, s group.Scalar, nonce [32]byte, buyerKey pdx.Element, r group.Scalar) (statement, error) {
	buyer, err := group.DecodePoint(buyerKey[:])
	if err != nil {
		return statement{}, refuse("B", err)
	}
	key, err := group.BaseMul(s)
	if err != nil {
		return statement{}, refuse("S", err)
	}
	base, err := group.DatasetBase(key.Bytes(), nonce)
	if err != nil {
		return statement{}, refuse("H", err)
	}
	d1, err := group.BaseMul(r)
	if err != nil {
		return statement{}, refuse("D1", err)
	}
	sum := group.Sum([]group.Scalar{s, r}, []group.Point{base, buyer})
	d2, err := group.DecodePoint(sum[:])
	if err != nil {
		return statement{}, refuse("D2", err)
	}
	return newStatement(deliverV1, ctx, key, base, buyer, d1, d2), nil
}

// VerifyDeliver returns ErrProof unless (d1, d2) is M of the dataset with this S and
// nonce, encrypted to buyerKey.
func VerifyDeliver(ctx [32]byte, key pdx.Element, nonce [32]byte, buyerKey, d1, d2 pdx.Element, proof []byte) error {
	points, err := decodePoints(named{"S", key}, named{"B", buyerKey}, named{"D1", d1}, named{"D2", d2})
	if err != nil {
		return err
	}
	base, err := group.DatasetBase(key, nonce)
	if err != nil {
		return refuse("H", err)
	}
	return newStatement(deliverV1, ctx, points[0], base, points[1], points[2], points[3]).verify(proof)
}
