package proof_test

import (
	"crypto/sha512"
	"encoding/binary"
	"math"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
)

// The second verifier implements the same specification with another group library, and
// with each relation written out by hand. It shares no code with the package, so that a
// mistake must be made twice to go unnoticed.

const secondSuite = "fx1-CMPT-with-ristretto255-SHA512"

func framed(pairs ...[]byte) []byte {
	var b []byte
	for i := 0; i < len(pairs); i += 2 {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(pairs[i])))
		b = append(b, pairs[i]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(pairs[i+1])))
		b = append(b, pairs[i+1]...)
	}
	return b
}

func secondHash(purpose, label string, spoilable ...[]byte) []byte {
	b := framed([]byte("suite"), []byte(secondSuite), []byte(purpose), []byte(label))
	for _, p := range spoilable {
		b = append(b, framed([]byte("part"), p)...)
	}
	sum := sha512.Sum512(b)
	return sum[:]
}

func secondHashToPoint(label string, spoilable ...[]byte) *curve.RistrettoPoint {
	p, err := curve.NewRistrettoPoint().SetUniformBytes(secondHash("h2g", label, spoilable...))
	if err != nil {
		panic(err)
	}
	return p
}

func secondPoint(b []byte) *curve.RistrettoPoint {
	p := curve.NewRistrettoPoint()
	if err := p.UnmarshalBinary(b); err != nil || p.IsIdentity() {
		return nil
	}
	return p
}

func secondEncode(p *curve.RistrettoPoint) []byte {
	b, err := p.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return b
}

// secondScalars returns the scalars of a proof, or nil if it does not consist of n
// canonical scalars.
func secondScalars(proof []byte, n int) []*scalar.Scalar {
	if len(proof) != 32*n {
		return nil
	}
	scalars := make([]*scalar.Scalar, n)
	for i := range scalars {
		s, err := scalar.NewFromCanonicalBytes(proof[32*i : 32*i+32])
		if err != nil {
			return nil
		}
		scalars[i] = s
	}
	return scalars
}

// sum returns Σ scalars·points, one product at a time.
func sum(terms ...any) *curve.RistrettoPoint {
	total := curve.NewRistrettoPoint().Identity()
	for i := 0; i < len(terms); i += 2 {
		one := curve.NewRistrettoPoint().Mul(terms[i+1].(*curve.RistrettoPoint), terms[i].(*scalar.Scalar))
		total = curve.NewRistrettoPoint().Add(total, one)
	}
	return total
}

// plus and minus are the signs of a term in a program.
const plus, minus = byte(0), byte(1)

const none = uint32(math.MaxUint32)

// program concatenates numbers (4 bytes each) and signs (1 byte each).
func program(values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case int:
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		case uint32:
			b = binary.LittleEndian.AppendUint32(b, v)
		case byte:
			b = append(b, v)
		}
	}
	return b
}

func secondChallenge(name string, prog, ctx []byte, elements, commitments []*curve.RistrettoPoint) *scalar.Scalar {
	b := framed([]byte("suite"), []byte(secondSuite), []byte("relation"), []byte(name),
		[]byte("program"), prog, []byte("context"), ctx)
	for _, e := range elements {
		b = append(b, framed([]byte("elem"), secondEncode(e))...)
	}
	for _, t := range commitments {
		b = append(b, framed([]byte("commit"), secondEncode(t))...)
	}
	digest := sha512.Sum512(b)
	c, err := scalar.NewFromBytesModOrderWide(digest[:])
	if err != nil {
		panic(err)
	}
	return c
}

type points = []*curve.RistrettoPoint

func secondPop(ctx, key, proof []byte) bool {
	x, s := secondPoint(key), secondScalars(proof, 2)
	if x == nil || s == nil {
		return false
	}
	c, z := s[0], s[1]
	minusC := scalar.New().Neg(c)
	t := sum(z, curve.RISTRETTO_BASEPOINT_POINT, minusC, x)
	prog := program(1, 2, 1, 1, none, 1, plus, 1, 0, 0, plus)
	return secondChallenge("pop-v1", prog, ctx, points{x}, points{t}).Equal(c) == 1
}

func secondDleq(ctx []byte, x, h, y *curve.RistrettoPoint, proof []byte) bool {
	s := secondScalars(proof, 2)
	if x == nil || h == nil || y == nil || s == nil || x.IsIdentity() || h.IsIdentity() || y.IsIdentity() {
		return false
	}
	c, z := s[0], s[1]
	minusC := scalar.New().Neg(c)
	t1 := sum(z, curve.RISTRETTO_BASEPOINT_POINT, minusC, x)
	t2 := sum(z, h, minusC, y)
	prog := program(1, 4, 2, 1, none, 1, plus, 1, 0, 0, plus, 1, none, 3, plus, 1, 0, 2, plus)
	return secondChallenge("dleq-v1", prog, ctx, points{x, h, y}, points{t1, t2}).Equal(c) == 1
}

func secondOpening(ctx, key, nonce, m, proof []byte) bool {
	return secondDleq(ctx, secondPoint(key), secondHashToPoint("dataset-base", key, nonce), secondPoint(m), proof)
}

func secondBlockBase(key, nonce []byte, j uint64) *curve.RistrettoPoint {
	return secondHashToPoint("block-base", key, nonce, binary.LittleEndian.AppendUint64(nil, j))
}

func secondComplaint(ctx, key, nonce []byte, j uint64, mj, proof []byte) bool {
	return secondDleq(ctx, secondPoint(key), secondBlockBase(key, nonce, j), secondPoint(mj), proof)
}

func secondBlocks(ctx, key, nonce []byte, blocks uint64, indices []uint64, ms [][]byte, proof []byte) bool {
	if len(indices) == 0 || len(ms) != len(indices) {
		return false
	}
	all := append(append([]byte{}, key...), nonce...)
	for i, j := range indices {
		if j >= blocks || (i > 0 && indices[i-1] >= j) || secondPoint(ms[i]) == nil {
			return false
		}
		all = append(binary.LittleEndian.AppendUint64(all, j), ms[i]...)
	}
	base, image := curve.NewRistrettoPoint().Identity(), curve.NewRistrettoPoint().Identity()
	for i, j := range indices {
		e, err := scalar.NewFromBytesModOrderWide(
			secondHash("h2s", "batch-weight", ctx, all, binary.BigEndian.AppendUint64(nil, uint64(i))))
		if err != nil {
			panic(err)
		}
		base = curve.NewRistrettoPoint().Add(base, sum(e, secondBlockBase(key, nonce, j)))
		image = curve.NewRistrettoPoint().Add(image, sum(e, secondPoint(ms[i])))
	}
	return secondDleq(ctx, secondPoint(key), base, image, proof)
}

func secondDeliver(ctx, key, nonce, buyer, d1, d2, proof []byte) bool {
	k, b, p1, p2 := secondPoint(key), secondPoint(buyer), secondPoint(d1), secondPoint(d2)
	v := secondScalars(proof, 3)
	if k == nil || b == nil || p1 == nil || p2 == nil || v == nil {
		return false
	}
	h := secondHashToPoint("dataset-base", key, nonce)
	c, zs, zr := v[0], v[1], v[2]
	minusC := scalar.New().Neg(c)
	t1 := sum(zs, curve.RISTRETTO_BASEPOINT_POINT, minusC, k)
	t2 := sum(zr, curve.RISTRETTO_BASEPOINT_POINT, minusC, p1)
	t3 := sum(zs, h, zr, b, minusC, p2)
	prog := program(2, 6, 3,
		1, none, 1, plus, 1, 0, 0, plus,
		1, none, 4, plus, 1, 1, 0, plus,
		1, none, 5, plus, 2, 0, 2, plus, 1, 3, plus)
	return !h.IsIdentity() &&
		secondChallenge("deliver-v1", prog, ctx, points{k, h, b, p1, p2}, points{t1, t2, t3}).Equal(c) == 1
}

func secondOpen(ctx, buyer, d1, d2, m, proof []byte) bool {
	b, p1, p2, pm := secondPoint(buyer), secondPoint(d1), secondPoint(d2), secondPoint(m)
	v := secondScalars(proof, 2)
	if b == nil || p1 == nil || p2 == nil || pm == nil || v == nil {
		return false
	}
	image := curve.NewRistrettoPoint().Sub(p2, pm)
	c, z := v[0], v[1]
	minusC := scalar.New().Neg(c)
	t1 := sum(z, curve.RISTRETTO_BASEPOINT_POINT, minusC, b)
	t2 := sum(z, p1, minusC, image)
	prog := program(1, 5, 2, 1, none, 1, plus, 1, 0, 0, plus, 2, none, 3, plus, none, 4, minus, 1, 0, 2, plus)
	return !image.IsIdentity() &&
		secondChallenge("open-v1", prog, ctx, points{b, p1, p2, pm}, points{t1, t2}).Equal(c) == 1
}
