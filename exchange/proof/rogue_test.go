package proof_test

import (
	"encoding/binary"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
)

// The second prover follows no rule: it proves statements about the identity and
// batches in any order. The equations of its proofs hold, so only a rule can refuse
// them.

// product is witness · point in an equation.
type product struct {
	witness int
	point   *curve.RistrettoPoint
}

func secondProve(name string, prog, ctx []byte, elements points, equations [][]product, witnesses []*scalar.Scalar, d dice) []byte {
	nonces := make([]*scalar.Scalar, len(witnesses))
	for i := range nonces {
		nonces[i] = drawSecond(d)
	}
	var commitments points
	for _, equation := range equations {
		var terms []any
		for _, p := range equation {
			terms = append(terms, nonces[p.witness], p.point)
		}
		commitments = append(commitments, sum(terms...))
	}
	c := secondChallenge(name, prog, ctx, elements, commitments)
	proof := scalarBytes(c)
	for i, w := range witnesses {
		proof = append(proof, scalarBytes(scalar.New().Add(nonces[i], scalar.New().Mul(c, w)))...)
	}
	return proof
}

func scalarBytes(s *scalar.Scalar) []byte {
	b := make([]byte, 32)
	if err := s.ToBytes(b); err != nil {
		panic(err)
	}
	return b
}

func drawSecond(d dice) *scalar.Scalar {
	s, err := scalar.NewFromBytesModOrderWide(append(draw(d), draw(d)...))
	if err != nil {
		panic(err)
	}
	return s
}

func negate(element []byte) {
	if p := secondPoint(element); p != nil {
		copy(element, secondEncode(curve.NewRistrettoPoint().Neg(p)))
	}
}

var base = curve.RISTRETTO_BASEPOINT_POINT

func times(s *scalar.Scalar, p *curve.RistrettoPoint) *curve.RistrettoPoint { return sum(s, p) }

func dleqBy(ctx []byte, s *scalar.Scalar, h, image *curve.RistrettoPoint, d dice) []byte {
	prog := program(1, 4, 2, 1, none, 1, plus, 1, 0, 0, plus, 1, none, 3, plus, 1, 0, 2, plus)
	return secondProve("dleq-v1", prog, ctx, points{times(s, base), h, image}, [][]product{{{0, base}}, {{0, h}}}, []*scalar.Scalar{s}, d)
}

// rogues are proofs whose equations hold. A name says which rule the proof breaks; an
// empty name means none.
var rogues = []func(d dice, ctx, nonce []byte) (m made, broken string){
	func(d dice, ctx, _ []byte) (made, string) {
		x, broken := zeroOr(d, "X is the identity")
		prog := program(1, 2, 1, 1, none, 1, plus, 1, 0, 0, plus)
		prf := secondProve("pop-v1", prog, ctx, points{times(x, base)}, [][]product{{{0, base}}}, []*scalar.Scalar{x}, d)
		return madePop(&popVector{header{Context: ctx, Proof: prf}, secondEncode(times(x, base))}), broken
	},
	func(d dice, ctx, nonce []byte) (made, string) {
		s, broken := zeroOr(d, "S is the identity")
		key := secondEncode(times(s, base))
		h := secondHashToPoint("dataset-base", key, nonce)
		head := header{Context: ctx, Proof: dleqBy(ctx, s, h, times(s, h), d)}
		return madeOpening(&openingVector{head, key, nonce, secondEncode(times(s, h))}), broken
	},
	func(d dice, ctx, nonce []byte) (made, string) {
		s, broken := zeroOr(d, "S is the identity")
		key, j := secondEncode(times(s, base)), d()
		h := secondBlockBase(key, nonce, j)
		head := header{Context: ctx, Proof: dleqBy(ctx, s, h, times(s, h), d)}
		return madeComplaint(&complaintVector{head, key, nonce, j, secondEncode(times(s, h))}), broken
	},
	rogueBatch,
	func(d dice, ctx, nonce []byte) (made, string) {
		s, r, b := drawSecond(d), drawSecond(d), drawSecond(d)
		broken := ""
		switch d.pick(4) {
		case 0:
			r, broken = scalar.New(), "D1 is the identity: M lies open"
		case 1:
			b, broken = scalar.New(), "B is the identity: M lies open"
		case 2:
			s, broken = scalar.New(), "S is the identity"
		}
		key, buyer := secondEncode(times(s, base)), times(b, base)
		h := secondHashToPoint("dataset-base", key, nonce)
		d1, d2 := times(r, base), sum(s, h, r, buyer)
		prog := program(2, 6, 3,
			1, none, 1, plus, 1, 0, 0, plus,
			1, none, 4, plus, 1, 1, 0, plus,
			1, none, 5, plus, 2, 0, 2, plus, 1, 3, plus)
		prf := secondProve("deliver-v1", prog, ctx, points{times(s, base), h, buyer, d1, d2},
			[][]product{{{0, base}}, {{1, base}}, {{0, h}, {1, buyer}}}, []*scalar.Scalar{s, r}, d)
		return madeDeliver(&deliverVector{
			header{Context: ctx, Proof: prf}, key, nonce, secondEncode(buyer), secondEncode(d1), secondEncode(d2),
		}), broken
	},
	func(d dice, ctx, _ []byte) (made, string) {
		b, d1, m := drawSecond(d), secondHashToPoint("d1", draw(d)), secondHashToPoint("m", draw(d))
		broken := ""
		switch d.pick(4) {
		case 0:
			b, broken = scalar.New(), "B is the identity"
		case 1:
			d1, broken = curve.NewRistrettoPoint().Identity(), "D1 is the identity"
		case 2:
			m, broken = curve.NewRistrettoPoint().Identity(), "M is the identity"
		}
		d2 := curve.NewRistrettoPoint().Add(m, times(b, d1))
		prog := program(1, 5, 2, 1, none, 1, plus, 1, 0, 0, plus, 2, none, 3, plus, none, 4, minus, 1, 0, 2, plus)
		prf := secondProve("open-v1", prog, ctx, points{times(b, base), d1, d2, m}, [][]product{{{0, base}}, {{0, d1}}}, []*scalar.Scalar{b}, d)
		return madeOpen(&openVector{
			header{Context: ctx, Proof: prf}, secondEncode(times(b, base)), secondEncode(d1), secondEncode(d2), secondEncode(m),
		}), broken
	},
}

func zeroOr(d dice, broken string) (*scalar.Scalar, string) {
	if d.pick(2) == 0 {
		return scalar.New(), broken
	}
	return drawSecond(d), ""
}

// rogueBatch makes a batch of the indices in the given order.
func rogueBatch(d dice, ctx, nonce []byte) (made, string) {
	s := drawSecond(d)
	key := secondEncode(times(s, base))
	v := &blocksVector{header: header{Context: ctx}, S: key, Nonce: nonce, Blocks: 12}
	broken := ""
	switch d.pick(5) {
	case 0:
		v.Indices, broken = []uint64{3, 3}, "a block twice"
	case 1:
		v.Indices, broken = []uint64{5, 3}, "falling"
	case 2:
		v.Indices, broken = []uint64{3, 12 + uint64(d.pick(9))}, "beyond the last block"
	case 3:
		broken = "no block"
	default:
		v.Indices = []uint64{3, 5, 11}
	}
	all := append(append([]byte{}, key...), nonce...)
	for _, j := range v.Indices {
		m := secondEncode(times(s, secondBlockBase(key, nonce, j)))
		v.M = append(v.M, m)
		all = append(binary.LittleEndian.AppendUint64(all, j), m...)
	}
	h := curve.NewRistrettoPoint().Identity()
	for i, j := range v.Indices {
		e, err := scalar.NewFromBytesModOrderWide(secondHash("h2s", "batch-weight", ctx, all, binary.BigEndian.AppendUint64(nil, uint64(i))))
		if err != nil {
			panic(err)
		}
		h = curve.NewRistrettoPoint().Add(h, sum(e, secondBlockBase(key, nonce, j)))
	}
	v.Proof = dleqBy(ctx, s, h, times(s, h), d)
	return madeBlocks(v), broken
}
