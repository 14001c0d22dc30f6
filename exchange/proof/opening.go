package proof

import (
	"crypto/rand"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProveOpening returns a dleq-v1 of 64 bytes that proves that M = s·H is the opening of
// the dataset with S = s·g and this nonce.
func ProveOpening(ctx [32]byte, s group.Scalar, nonce [32]byte) ([]byte, error) {
	key, err := group.BaseMul(s)
	if err != nil {
		return nil, refuse("S", err)
	}
	base, err := group.DatasetBase(key.Bytes(), nonce)
	if err != nil {
		return nil, refuse("H", err)
	}
	_, proof, err := proveDleq(ctx, s, key, base)
	return proof, err
}

// VerifyOpening returns ErrProof unless m is M of the dataset with this S and nonce.
func VerifyOpening(ctx [32]byte, key pdx.Element, nonce [32]byte, m pdx.Element, proof []byte) error {
	points, err := decodePoints(named{"S", key}, named{"M", m})
	if err != nil {
		return err
	}
	base, err := group.DatasetBase(key, nonce)
	if err != nil {
		return refuse("H", err)
	}
	return newStatement(dleqV1, ctx, points[0], base, points[1]).verify(proof)
}

// proveDleq proves key = s·g and image = s·base, and returns the image.
func proveDleq(ctx [32]byte, s group.Scalar, key, base group.Point) (pdx.Element, []byte, error) {
	image, err := base.Mul(s)
	if err != nil {
		return pdx.Element{}, nil, refuse("image", err)
	}
	proof, err := newStatement(dleqV1, ctx, key, base, image).prove(rand.Reader, s)
	if err != nil {
		return pdx.Element{}, nil, err
	}
	return image.Bytes(), proof, nil
}
