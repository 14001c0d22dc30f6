package proof

import (
	"crypto/rand"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProvePop shows possession of x, the logarithm of X = x·g: pop-v1, 64 bytes.
func ProvePop(ctx [32]byte, x group.Scalar) ([]byte, error) {
	key, err := group.BaseMul(x)
	if err != nil {
		return nil, refuse("key", err)
	}
	return newStatement(popV1, ctx, key).prove(rand.Reader, x)
}

// VerifyPop checks a pop-v1 about key, or returns ErrProof.
func VerifyPop(ctx [32]byte, key pdx.Element, proof []byte) error {
	point, err := group.DecodePoint(key[:])
	if err != nil {
		return refuse("key", err)
	}
	return newStatement(popV1, ctx, point).verify(proof)
}
