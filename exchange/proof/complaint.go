package proof

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProveComplaint gives M_j = s·H_j, the key of block j, and shows that it is:
// the plain dleq-v1, 64 bytes. j is not checked against any size.
func ProveComplaint(ctx [32]byte, s group.Scalar, nonce [32]byte, j uint64) (mj pdx.Element, proof []byte, err error) {
	key, err := group.BaseMul(s)
	if err != nil {
		return pdx.Element{}, nil, refuse("S", err)
	}
	base, err := group.BlockBase(key.Bytes(), nonce, j)
	if err != nil {
		return pdx.Element{}, nil, refuse("H_j", err)
	}
	return proveDleq(ctx, s, key, base)
}

// VerifyComplaint checks that mj is the key of block j, or returns ErrProof.
// The caller makes ctx from the same j and checks it against the dataset's size.
func VerifyComplaint(ctx [32]byte, key pdx.Element, nonce [32]byte, j uint64, mj pdx.Element, proof []byte) error {
	points, err := decodePoints(named{"S", key}, named{"M_j", mj})
	if err != nil {
		return err
	}
	base, err := group.BlockBase(key, nonce, j)
	if err != nil {
		return refuse("H_j", err)
	}
	return newStatement(dleqV1, ctx, points[0], base, points[1]).verify(proof)
}
