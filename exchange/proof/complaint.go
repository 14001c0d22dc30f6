package proof

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProveComplaint returns M_j = s·H_j, the key of block j, and a dleq-v1 of 64 bytes
// that proves it. It does not check j against the dataset's size.
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

// VerifyComplaint returns ErrProof unless mj is the key of block j. The caller must
// make ctx from the same j and check j against the dataset's size.
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
