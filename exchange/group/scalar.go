package group

import (
	"errors"
	"fmt"
	"io"

	"github.com/gtank/ristretto255"
)

// ScalarLen is the length of an encoded scalar in bytes.
const ScalarLen = 32

// Scalar is an integer modulo the group's order q. The zero value is 0. It
// redacts itself; Bytes gives it away.
type Scalar struct {
	Redacted
	s Hidden[ristretto255.Scalar] // nothing is 0
}

// DecodeScalar reads 32 little-endian bytes that are below q; else ErrEncoding.
func DecodeScalar(b []byte) (Scalar, error) {
	s, err := ristretto255.NewScalar().SetCanonicalBytes(b)
	if err != nil {
		return Scalar{}, fmt.Errorf("scalar: %w", ErrEncoding)
	}
	return newScalar(s), nil
}

// ReduceScalar is 64 bytes as a little-endian integer, modulo q.
func ReduceScalar(wide [64]byte) Scalar {
	s := ristretto255.NewScalar()
	_, _ = s.SetUniformBytes(wide[:]) // fails for other lengths only
	return newScalar(s)
}

// RandomScalar reads 64 bytes from random and is uniform among 1 … q-1.
func RandomScalar(random io.Reader) (Scalar, error) {
	var wide [64]byte
	if _, err := io.ReadFull(random, wide[:]); err != nil {
		return Scalar{}, fmt.Errorf("read randomness: %w", err)
	}
	s := ReduceScalar(wide)
	if s.IsZero() {
		return Scalar{}, errors.New("read randomness: the source gives zeros")
	}
	return s, nil
}

// Bytes returns the canonical encoding, little-endian.
func (a Scalar) Bytes() [ScalarLen]byte { return [ScalarLen]byte(a.value().Bytes()) }

// IsZero reports whether a is 0.
func (a Scalar) IsZero() bool { return a.Equal(Scalar{}) }

// Equal compares in constant time.
func (a Scalar) Equal(b Scalar) bool { return a.value().Equal(b.value()) == 1 }

// Add returns a + b.
func (a Scalar) Add(b Scalar) Scalar {
	return newScalar(ristretto255.NewScalar().Add(a.value(), b.value()))
}

// Mul returns a · b.
func (a Scalar) Mul(b Scalar) Scalar {
	return newScalar(ristretto255.NewScalar().Multiply(a.value(), b.value()))
}

// Neg is -a.
func (a Scalar) Neg() Scalar { return newScalar(ristretto255.NewScalar().Negate(a.value())) }

func (a Scalar) value() *ristretto255.Scalar {
	if s := a.s.Reveal(); s != nil {
		return s
	}
	return ristretto255.NewScalar()
}

func newScalar(s *ristretto255.Scalar) Scalar { return Scalar{s: Hide(s)} }
