package proof

import (
	"crypto/rand"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProvePop returns a pop-v1 of 64 bytes, a proof of possession of x, the logarithm of X
// = x·g.
func ProvePop(ctx [32]byte, x group.Scalar) ([]byte, error) {
	key, err := group.BaseMul(x)
	if err != nil {
		return nil, refuse("key", err)
	}
	return newStatement(popV1, ctx, key).prove(rand.Reader, x)
}

// VerifyPop returns ErrProof unless proof is a valid pop-v1 for key, which is X here.
func VerifyPop(ctx [32]byte, key pdx.Element, proof []byte) error {
	point, err := group.DecodePoint(key[:])
	if err != nil {
		return refuse("key", err)
	}
	return newStatement(popV1, ctx, point).verify(proof)
}
