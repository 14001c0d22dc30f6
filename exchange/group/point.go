package group

import (
	"fmt"

	"github.com/gtank/ristretto255"

	"github.com/medibloc/pdx"
)

// A Point is an element of the group other than the identity. The zero Point is invalid
// and must not be used.
type Point struct {
	e   *ristretto255.Element // never changed once set
	enc pdx.Element
}

var generator, _ = newPoint(ristretto255.NewGeneratorElement()) // not the identity

// Generator returns g, the generator of ristretto255.
func Generator() Point { return generator }

// DecodePoint decodes the canonical 32 bytes of an element. It returns ErrIdentity for
// the identity and ErrEncoding for anything else.
func DecodePoint(b []byte) (Point, error) {
	e, err := ristretto255.NewIdentityElement().SetCanonicalBytes(b)
	if err != nil {
		return Point{}, fmt.Errorf("element: %w", ErrEncoding)
	}
	if pdx.Element(b) == (pdx.Element{}) {
		return Point{}, fmt.Errorf("element: %w", ErrIdentity)
	}
	return Point{e: e, enc: pdx.Element(b)}, nil
}

// Bytes returns the canonical encoding.
func (p Point) Bytes() pdx.Element { return p.enc }

// Equal reports whether p and q are the same element.
func (p Point) Equal(q Point) bool { return p.enc == q.enc }

// Add returns p + q, or ErrIdentity if q is -p.
func (p Point) Add(q Point) (Point, error) {
	return newPoint(ristretto255.NewIdentityElement().Add(p.e, q.e))
}

// Sub returns p - q, or ErrIdentity if they are equal.
func (p Point) Sub(q Point) (Point, error) {
	return newPoint(ristretto255.NewIdentityElement().Subtract(p.e, q.e))
}

// Mul returns s·p, in constant time, or ErrIdentity if s is 0.
func (p Point) Mul(s Scalar) (Point, error) {
	return newPoint(ristretto255.NewIdentityElement().ScalarMult(s.value(), p.e))
}

// BaseMul returns s·g, in constant time, or ErrIdentity if s is 0.
func BaseMul(s Scalar) (Point, error) {
	return newPoint(ristretto255.NewIdentityElement().ScalarBaseMult(s.value()))
}

// Sum returns the encoding of Σ scalars[i]·points[i], which may be the identity. The
// time that it takes depends only on the number of points. It panics unless the slices
// have the same length.
func Sum(scalars []Scalar, points []Point) pdx.Element {
	s, p := operands(scalars, points)
	return pdx.Element(ristretto255.NewIdentityElement().MultiScalarMult(s, p).Bytes())
}

// VarTimeSum returns what Sum returns, faster, but in a time that depends on the
// scalars, which therefore must be public.
func VarTimeSum(scalars []Scalar, points []Point) pdx.Element {
	s, p := operands(scalars, points)
	if len(p) == 2 && points[0].Equal(generator) {
		// The library has multiples of g ready.
		return pdx.Element(ristretto255.NewIdentityElement().VarTimeDoubleScalarBaseMult(s[1], p[1], s[0]).Bytes())
	}
	return pdx.Element(ristretto255.NewIdentityElement().VarTimeMultiScalarMult(s, p).Bytes())
}

func operands(scalars []Scalar, points []Point) ([]*ristretto255.Scalar, []*ristretto255.Element) {
	s := make([]*ristretto255.Scalar, len(scalars))
	for i := range scalars {
		s[i] = scalars[i].value()
	}
	p := make([]*ristretto255.Element, len(points))
	for i := range points {
		p[i] = points[i].e
	}
	return s, p
}

func newPoint(e *ristretto255.Element) (Point, error) {
	p := Point{e: e, enc: pdx.Element(e.Bytes())}
	if p.enc == (pdx.Element{}) {
		return Point{}, ErrIdentity
	}
	return p, nil
}
