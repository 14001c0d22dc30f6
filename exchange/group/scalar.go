package group

import (
	"errors"
	"fmt"
	"io"

	"github.com/gtank/ristretto255"
)

// ScalarLen is the length of an encoded scalar in bytes.
const ScalarLen = 32

// A Scalar is an integer modulo the group's order q. The zero value is 0. It prints as
// "[redacted]", since it may be secret; only Bytes returns its value.
type Scalar struct {
	Redacted
	s Hidden[ristretto255.Scalar] // 0 if it holds nothing
}

// DecodeScalar decodes 32 little-endian bytes. It returns ErrEncoding for another
// length and for a value that is not below q.
func DecodeScalar(b []byte) (Scalar, error) {
	s, err := ristretto255.NewScalar().SetCanonicalBytes(b)
	if err != nil {
		return Scalar{}, fmt.Errorf("scalar: %w", ErrEncoding)
	}
	return newScalar(s), nil
}

// ReduceScalar returns 64 bytes, read as a little-endian integer, modulo q.
func ReduceScalar(wide [64]byte) Scalar {
	s := ristretto255.NewScalar()
	_, _ = s.SetUniformBytes(wide[:]) // fails for other lengths only
	return newScalar(s)
}

// RandomScalar reads 64 bytes from random and returns a scalar that is uniform among 1
// … q-1. It returns an error if random fails or if the bytes reduce to 0, as zeros do.
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

// Equal reports whether a and b are equal, in constant time.
func (a Scalar) Equal(b Scalar) bool { return a.value().Equal(b.value()) == 1 }

// Add returns a + b.
func (a Scalar) Add(b Scalar) Scalar {
	return newScalar(ristretto255.NewScalar().Add(a.value(), b.value()))
}

// Mul returns a · b.
func (a Scalar) Mul(b Scalar) Scalar {
	return newScalar(ristretto255.NewScalar().Multiply(a.value(), b.value()))
}

// Neg returns -a.
func (a Scalar) Neg() Scalar { return newScalar(ristretto255.NewScalar().Negate(a.value())) }

func (a Scalar) value() *ristretto255.Scalar {
	if s := a.s.Reveal(); s != nil {
		return s
	}
	return ristretto255.NewScalar()
}

func newScalar(s *ristretto255.Scalar) Scalar { return Scalar{s: Hide(s)} }
