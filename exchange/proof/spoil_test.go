package proof_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/proof"
)

// dice return the next choice in how a proof is made and changed, from a generator's
// numbers or a fuzzer's bytes.
type dice func() uint64

func (d dice) pick(n int) int { return int(d() % uint64(n)) }

// spoilable has the bytes of a statement and its proof, to be changed in place.
type spoilable struct {
	context, nonce *hexBytes // nonce is nil if the statement has none
	proof          *hexBytes
	elements       []*hexBytes
	batch          *blocksVector // nil if it is not a batch
}

// bytes returns all bytes concatenated, to find out whether something changed.
func (p spoilable) bytes() []byte {
	all := slices.Concat(*p.context, *p.proof)
	if p.nonce != nil {
		all = append(all, *p.nonce...)
	}
	for _, e := range p.elements {
		all = append(all, *e...)
	}
	if p.batch != nil {
		for _, m := range p.batch.M {
			all = append(all, m...)
		}
		for _, j := range append(slices.Clone(p.batch.Indices), uint64(len(p.batch.M))) {
			all = binary.LittleEndian.AppendUint64(all, j)
		}
	}
	return all
}

// made is a proof with its statement, as made by one of the provers.
type made struct {
	verdicts
	spoilable
}

func madePop(v *popVector) made {
	return made{v, spoilable{context: &v.Context, proof: &v.Proof, elements: []*hexBytes{&v.X}}}
}

func madeOpening(v *openingVector) made {
	return made{v, spoilable{context: &v.Context, proof: &v.Proof, nonce: &v.Nonce, elements: []*hexBytes{&v.S, &v.M}}}
}

func madeComplaint(v *complaintVector) made {
	return made{v, spoilable{context: &v.Context, proof: &v.Proof, nonce: &v.Nonce, elements: []*hexBytes{&v.S, &v.MJ}}}
}

func madeBlocks(v *blocksVector) made {
	p := spoilable{context: &v.Context, proof: &v.Proof, nonce: &v.Nonce, elements: []*hexBytes{&v.S}, batch: v}
	for i := range v.M {
		p.elements = append(p.elements, &v.M[i])
	}
	return made{v, p}
}

func madeDeliver(v *deliverVector) made {
	return made{v, spoilable{context: &v.Context, proof: &v.Proof, nonce: &v.Nonce, elements: []*hexBytes{&v.S, &v.B, &v.D1, &v.D2}}}
}

func madeOpen(v *openVector) made {
	return made{v, spoilable{context: &v.Context, proof: &v.Proof, elements: []*hexBytes{&v.B, &v.D1, &v.D2, &v.M}}}
}

// secrets are derived from a number, so that a fuzzer's input always gives the same
// proof.
type secrets struct {
	ctx, nonce [32]byte
	s, b       group.Scalar
}

func newSecrets(seed uint64) secrets {
	draw := func(what byte) [64]byte { return sha512.Sum512(binary.LittleEndian.AppendUint64([]byte{what}, seed)) }
	ctx, nonce := draw(0), draw(1)
	return secrets{ctx: [32]byte(ctx[:32]), nonce: [32]byte(nonce[:32]), s: group.ReduceScalar(draw(2)), b: group.ReduceScalar(draw(3))}
}

// relations make an honest proof of each kind with the package's provers.
var relations = []struct {
	name string
	make func(t require.TestingT, d dice, s secrets) made
}{
	{"pop", func(t require.TestingT, _ dice, s secrets) made {
		prf, err := proof.ProvePop(s.ctx, s.b)
		require.NoError(t, err)
		return madePop(&popVector{header{Context: s.ctx[:], Proof: prf}, publicOf(t, s.b)})
	}},
	{"opening", func(t require.TestingT, _ dice, s secrets) made {
		prf, err := proof.ProveOpening(s.ctx, s.s, s.nonce)
		require.NoError(t, err)
		key := publicOf(t, s.s)
		h, err := group.DatasetBase(pdx.Element(key), s.nonce)
		require.NoError(t, err)
		m, err := h.Mul(s.s)
		require.NoError(t, err)
		return madeOpening(&openingVector{header{Context: s.ctx[:], Proof: prf}, key, s.nonce[:], bytesOf(m.Bytes())})
	}},
	{"complaint", func(t require.TestingT, d dice, s secrets) made {
		j := d() >> d.pick(64)
		mj, prf, err := proof.ProveComplaint(s.ctx, s.s, s.nonce, j)
		require.NoError(t, err)
		return madeComplaint(&complaintVector{header{Context: s.ctx[:], Proof: prf}, publicOf(t, s.s), s.nonce[:], j, bytesOf(mj)})
	}},
	{"batch", func(t require.TestingT, d dice, s secrets) made {
		indices := []uint64{uint64(d.pick(9))}
		for range d.pick(4) {
			indices = append(indices, indices[len(indices)-1]+1+uint64(d.pick(9)))
		}
		blocks := indices[len(indices)-1] + 1 + uint64(d.pick(3))
		ms, prf, err := proof.ProveBlocks(s.ctx, s.s, s.nonce, blocks, indices)
		require.NoError(t, err)
		v := &blocksVector{header{Context: s.ctx[:], Proof: prf}, publicOf(t, s.s), s.nonce[:], blocks, indices, nil}
		for _, m := range ms {
			v.M = append(v.M, bytesOf(m))
		}
		return madeBlocks(v)
	}},
	{"deliver", func(t require.TestingT, _ dice, s secrets) made {
		buyer := publicOf(t, s.b)
		d1, d2, prf, err := proof.ProveDeliver(s.ctx, s.s, s.nonce, pdx.Element(buyer))
		require.NoError(t, err)
		return madeDeliver(&deliverVector{header{Context: s.ctx[:], Proof: prf}, publicOf(t, s.s), s.nonce[:], buyer, bytesOf(d1), bytesOf(d2)})
	}},
	{"open", func(t require.TestingT, _ dice, s secrets) made {
		buyer := publicOf(t, s.b)
		d1, d2, _, err := proof.ProveDeliver(s.ctx, s.s, s.nonce, pdx.Element(buyer))
		require.NoError(t, err)
		m, prf, err := proof.ProveOpen(s.ctx, s.b, d1, d2)
		require.NoError(t, err)
		return madeOpen(&openVector{header{Context: s.ctx[:], Proof: prf}, buyer, bytesOf(d1), bytesOf(d2), bytesOf(m)})
	}},
}

var (
	groupOrder, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	fieldPrime    = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
)

// number reads b as a little-endian integer; put writes one.
func number(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

func put(b []byte, n *big.Int) {
	n.FillBytes(b)
	slices.Reverse(b)
}

// spoils are changes that an attacker could make to a proof. Only the proof's own
// length changes: the other fields are arrays.
var spoils = []struct {
	name string
	do   func(d dice, p spoilable)
}{
	{"nothing", func(dice, spoilable) {}},
	{"a bit of c", func(d dice, p spoilable) { flip(d, (*p.proof)[:32]) }},
	{"a bit of a z", func(d dice, p spoilable) { flip(d, (*p.proof)[32:]) }},
	{"a scalar and some q", func(d dice, p spoilable) { // the same number modulo q, so only its encoding is wrong
		z := p.scalar(d)
		put(z, new(big.Int).Add(number(z), new(big.Int).Mul(groupOrder, big.NewInt(1+int64(d.pick(14))))))
	}},
	{"a scalar is 0", func(d dice, p spoilable) { clear(p.scalar(d)) }},
	{"a scalar is another", func(d dice, p spoilable) { put(p.scalar(d), new(big.Int).Rsh(number(draw(d)), 4)) }},
	{"a scalar negated", func(d dice, p spoilable) {
		z := p.scalar(d)
		put(z, new(big.Int).Mod(new(big.Int).Neg(number(z)), groupOrder))
	}},
	{"two scalars swapped", func(d dice, p spoilable) { swap(p.scalar(d), p.scalar(d)) }},
	{"a bit of an element", func(d dice, p spoilable) { flip(d, p.element(d)) }},
	{"an element is the identity", func(d dice, p spoilable) { clear(p.element(d)) }},
	{"an element's other sign", func(d dice, p spoilable) { // decodes to the same point if a decoder ignores signs
		e := p.element(d)
		put(e, new(big.Int).Sub(fieldPrime, number(e)))
	}},
	{"an element and p, or the top bit", func(d dice, p spoilable) {
		e := p.element(d)
		if n := new(big.Int).Add(number(e), fieldPrime); d.pick(2) == 0 && n.BitLen() <= 256 {
			put(e, n)
			return
		}
		e[31] ^= 0x80
	}},
	{"an element is another", func(d dice, p spoilable) { copy(p.element(d), drawPoint(d)) }},
	{"an element negated", func(d dice, p spoilable) { negate(p.element(d)) }},
	{"two elements swapped", func(d dice, p spoilable) { swap(p.element(d), p.element(d)) }},
	{"a bit of the context", func(d dice, p spoilable) { flip(d, *p.context) }},
	{"a bit of the nonce", func(d dice, p spoilable) {
		if p.nonce != nil {
			flip(d, *p.nonce)
		}
	}},
	{"a length", func(d dice, p spoilable) {
		b := *p.proof
		*p.proof = [][]byte{
			nil, b[1:], b[:len(b)-1], b[:len(b)-32],
			append(b[:len(b):len(b)], 0), append(b[:len(b):len(b)], make([]byte, 32)...), append(b, b...),
		}[d.pick(7)]
	}},
	{"a block", func(d dice, p spoilable) {
		if p.batch != nil {
			p.batch.Indices[d.pick(len(p.batch.Indices))] ^= 1 << d.pick(64)
		}
	}},
	{"order or number of a batch", func(d dice, p spoilable) {
		if v := p.batch; v != nil {
			last := len(v.Indices) - 1
			switch d.pick(4) {
			case 0:
				v.Indices[0], v.Indices[last] = v.Indices[last], v.Indices[0]
			case 1:
				v.M = v.M[:last]
			case 2:
				v.M = append(v.M, v.M[0])
			case 3:
				v.Indices, v.M = append(v.Indices, v.Indices[last]), append(v.M, v.M[last])
			}
		}
	}},
}

func (p spoilable) scalar(d dice) []byte {
	i := d.pick(len(*p.proof) / 32)
	return (*p.proof)[32*i : 32*i+32]
}

func (p spoilable) element(d dice) []byte { return *p.elements[d.pick(len(p.elements))] }

func flip(d dice, b []byte) { b[d.pick(len(b))] ^= 1 << d.pick(8) }

func swap(a, b []byte) {
	was := bytes.Clone(a)
	copy(a, b)
	copy(b, was)
}

func draw(d dice) []byte {
	sum := sha512.Sum512(binary.LittleEndian.AppendUint64(nil, d()))
	return sum[:32]
}

func drawPoint(d dice) []byte { return secondEncode(secondHashToPoint("another", draw(d))) }

// test verifies a proof with both verifiers, expects it to be valid exactly if it was
// not changed, and reports whether it is valid.
func (m made) test(t testing.TB, changed bool, what string) bool {
	err := m.verify()
	require.Equal(t, err == nil, m.second(), "the verifiers differ about %s: %v", what, err)
	if changed {
		require.ErrorIs(t, err, proof.ErrProof, what)
	} else {
		require.NoError(t, err, what)
	}
	return err == nil
}
