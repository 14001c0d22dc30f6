package proof

import "encoding/binary"

// A term is ± witness·element, or, in an image, ± element.
type term struct {
	witness uint32
	element uint32 // 0 is g
	negated bool
}

// An equation holds if the sum of its image terms is the sum of its terms.
type equation struct {
	image, terms []term
}

// A relation is what the engine proves and verifies. Element 0 is g; witnesses are
// numbered from 0.
type relation struct {
	name      string
	witnesses uint32
	elements  uint32 // g included
	equations []equation
}

// public replaces the witness in an image term.
const public = 0xffffffff

var (
	popV1 = relation{
		name: "pop-v1", witnesses: 1, elements: 2, // g, X
		equations: []equation{
			{image: []term{{public, 1, false}}, terms: []term{{0, 0, false}}},
		},
	}
	dleqV1 = relation{
		name: "dleq-v1", witnesses: 1, elements: 4, // g, X, H, Y
		equations: []equation{
			{image: []term{{public, 1, false}}, terms: []term{{0, 0, false}}},
			{image: []term{{public, 3, false}}, terms: []term{{0, 2, false}}},
		},
	}
	deliverV1 = relation{
		name: "deliver-v1", witnesses: 2, elements: 6, // g, S, H, B, D1, D2; s, r
		equations: []equation{
			{image: []term{{public, 1, false}}, terms: []term{{0, 0, false}}},
			{image: []term{{public, 4, false}}, terms: []term{{1, 0, false}}},
			{image: []term{{public, 5, false}}, terms: []term{{0, 2, false}, {1, 3, false}}},
		},
	}
	openV1 = relation{
		name: "open-v1", witnesses: 1, elements: 5, // g, B, D1, D2, M
		equations: []equation{
			{image: []term{{public, 1, false}}, terms: []term{{0, 0, false}}},
			{image: []term{{public, 3, false}, {public, 4, true}}, terms: []term{{0, 2, false}}},
		},
	}
)

// program returns the relation in bytes, which every challenge hashes.
func (r relation) program() []byte {
	p := binary.LittleEndian.AppendUint32(nil, r.witnesses)
	p = binary.LittleEndian.AppendUint32(p, r.elements)
	p = binary.LittleEndian.AppendUint32(p, uint32(len(r.equations)))
	for _, eq := range r.equations {
		p = appendTerms(p, eq.image)
		p = appendTerms(p, eq.terms)
	}
	return p
}

func appendTerms(p []byte, terms []term) []byte {
	p = binary.LittleEndian.AppendUint32(p, uint32(len(terms)))
	for _, t := range terms {
		p = binary.LittleEndian.AppendUint32(p, t.witness)
		p = binary.LittleEndian.AppendUint32(p, t.element)
		sign := byte(0)
		if t.negated {
			sign = 1
		}
		p = append(p, sign)
	}
	return p
}

// proofLen returns the length of the relation's proofs in bytes.
func (r relation) proofLen() int { return 32 * (1 + int(r.witnesses)) }
