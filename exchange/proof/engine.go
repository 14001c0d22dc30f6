package proof

import (
	"crypto/sha512"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// statement is a relation about given elements in a given context.
type statement struct {
	relation relation
	context  [32]byte
	elements []group.Point // g first
}

// newStatement puts g before the elements. It panics if their number is wrong, which is
// a bug of the calling code.
func newStatement(r relation, context [32]byte, elements ...group.Point) statement {
	all := append([]group.Point{group.Generator()}, elements...)
	if len(all) != int(r.elements) {
		panic(fmt.Sprintf("proof: %s has %d elements, not %d", r.name, r.elements, len(all)))
	}
	return statement{relation: r, context: context, elements: all}
}

// verify recomputes the commitments from the responses and the challenge from
// the commitments.
func (st statement) verify(proof []byte) error {
	if len(proof) != st.relation.proofLen() {
		return fmt.Errorf("%w: %s: %d bytes, not %d", ErrProof, st.relation.name, len(proof), st.relation.proofLen())
	}
	images, err := st.images()
	if err != nil {
		return err
	}
	scalars := make([]group.Scalar, 0, 1+st.relation.witnesses)
	for b := proof; len(b) > 0; b = b[group.ScalarLen:] {
		s, err := group.DecodeScalar(b[:group.ScalarLen])
		if err != nil {
			return refuse(st.relation.name, err)
		}
		scalars = append(scalars, s)
	}
	c, responses := scalars[0], scalars[1:]
	commitments := make([]pdx.Element, len(st.relation.equations))
	for i, eq := range st.relation.equations {
		s, p := st.operands(eq.terms, responses)
		commitments[i] = group.VarTimeSum(append(s, c.Neg()), append(p, images[i]))
	}
	if !st.challenge(commitments).Equal(c) {
		return fmt.Errorf("%w: %s: equations", ErrProof, st.relation.name)
	}
	return nil
}

// images returns the left sides of the equations. It refuses the identity, since an
// equation about it proves nothing.
func (st statement) images() ([]group.Point, error) {
	images := make([]group.Point, len(st.relation.equations))
	for i, eq := range st.relation.equations {
		image := st.elements[eq.image[0].element]
		for _, t := range eq.image[1:] {
			op := image.Add
			if t.negated {
				op = image.Sub
			}
			var err error
			if image, err = op(st.elements[t.element]); err != nil {
				return nil, refuse(st.relation.name+" image", err)
			}
		}
		images[i] = image
	}
	return images, nil
}

// operands returns the scalars and points of Σ ± values[witness]·element.
func (st statement) operands(terms []term, values []group.Scalar) ([]group.Scalar, []group.Point) {
	scalars := make([]group.Scalar, len(terms), len(terms)+1)
	points := make([]group.Point, len(terms), len(terms)+1)
	for i, t := range terms {
		scalars[i], points[i] = values[t.witness], st.elements[t.element]
		if t.negated {
			scalars[i] = scalars[i].Neg()
		}
	}
	return scalars, points
}

func (st statement) challenge(commitments []pdx.Element) group.Scalar {
	b := st.transcript()
	for _, t := range commitments {
		b = group.Frame(b, "commit", t[:])
	}
	return group.ReduceScalar(sha512.Sum512(b))
}

// transcript returns the input of a challenge up to the commitments.
func (st statement) transcript() []byte {
	b := make([]byte, 0, 1024)
	b = group.Frame(b, "suite", []byte(group.Suite))
	b = group.Frame(b, "relation", []byte(st.relation.name))
	b = group.Frame(b, "program", st.relation.program())
	b = group.Frame(b, "context", st.context[:])
	for _, e := range st.elements[1:] {
		enc := e.Bytes()
		b = group.Frame(b, "elem", enc[:])
	}
	return b
}
