package proof_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// cut fills the fields from b, one after the other, and with zeros after the end of b.
func cut(b []byte, fields ...[]byte) (rest []byte) {
	for _, f := range fields {
		b = b[copy(f, b):]
	}
	return b
}

// FuzzVerifyDeliver changes deliveries and expects both verifiers to agree and not to
// panic.
func FuzzVerifyDeliver(f *testing.F) {
	for _, v := range load[deliverVector](f, "deliver-v1")[:25] {
		var b []byte
		for _, field := range []hexBytes{v.Context, v.S, v.Nonce, v.B, v.D1, v.D2, v.Proof} {
			b = append(b, field...)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v := deliverVector{
			header: header{Context: make([]byte, 32)},
			S:      make([]byte, 32), Nonce: make([]byte, 32), B: make([]byte, 32), D1: make([]byte, 32), D2: make([]byte, 32),
		}
		v.Proof = cut(b, v.Context, v.S, v.Nonce, v.B, v.D1, v.D2)
		require.Equal(t, v.verify() == nil, v.second())
	})
}

// FuzzVerifyBlocks does the same with batches, including their indices, their keys and
// the number of keys.
func FuzzVerifyBlocks(f *testing.F) {
	for _, v := range load[blocksVector](f, "dleq-v1-blocks")[:26] {
		b := append(append(append([]byte{}, v.Context...), v.S...), v.Nonce...)
		b = append(b, v.Proof...)
		var keys []byte
		for i, m := range v.M {
			j := uint64(0)
			if i < len(v.Indices) {
				j = v.Indices[i]
			}
			keys = append(binary.LittleEndian.AppendUint64(keys, j), m...)
		}
		f.Add(b, keys, v.Blocks)
	}
	f.Fuzz(func(t *testing.T, b, keys []byte, blocks uint64) {
		v := blocksVector{
			header: header{Context: make([]byte, 32)},
			S:      make([]byte, 32), Nonce: make([]byte, 32), Blocks: blocks,
		}
		v.Proof = cut(b, v.Context, v.S, v.Nonce)
		for len(keys) > 0 && len(v.M) < 8 {
			j, m := make([]byte, 8), make([]byte, 32)
			keys = cut(keys, j, m)
			v.Indices, v.M = append(v.Indices, binary.LittleEndian.Uint64(j)), append(v.M, m)
		}
		require.Equal(t, v.verify() == nil, v.second())
	})
}

// FuzzVerifyOthers does the same with the other proofs: of an opening, a complaint
// about a block, a complaint about a box and a buyer's key.
func FuzzVerifyOthers(f *testing.F) {
	for _, v := range load[openingVector](f, "dleq-v1-opening") {
		f.Add(byte(0), uint64(0), concat(v.Context, v.S, v.Nonce, v.M, v.Proof))
	}
	for _, v := range load[complaintVector](f, "dleq-v1-complaint") {
		f.Add(byte(1), v.Block, concat(v.Context, v.S, v.Nonce, v.MJ, v.Proof))
	}
	for _, v := range load[openVector](f, "open-v1-complaint") {
		f.Add(byte(2), uint64(0), concat(v.Context, v.B, v.D1, v.D2, v.M, v.Proof))
	}
	for _, v := range load[popVector](f, "pop-v1") {
		f.Add(byte(3), uint64(0), concat(v.Context, v.X, v.Proof))
	}
	f.Fuzz(func(t *testing.T, kind byte, j uint64, b []byte) {
		ctx, e := make([]byte, 32), [4][]byte{make([]byte, 32), make([]byte, 32), make([]byte, 32), make([]byte, 32)}
		fields := [][]byte{ctx, e[0], e[1], e[2], e[3]}[:[4]int{4, 4, 5, 2}[kind%4]]
		h := header{Context: ctx, Proof: cut(b, fields...)}
		v := [4]verdicts{
			openingVector{h, e[0], e[1], e[2]},
			complaintVector{h, e[0], e[1], j, e[2]},
			openVector{h, e[0], e[1], e[2], e[3]},
			popVector{h, e[0]},
		}[kind%4]
		require.Equal(t, v.verify() == nil, v.second())
	})
}

func concat(fields ...hexBytes) (b []byte) {
	for _, f := range fields {
		b = append(b, f...)
	}
	return b
}
