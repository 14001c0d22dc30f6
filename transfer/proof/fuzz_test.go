package proof_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// cut fills the fields from b, front to back, with zeros where b ends.
func cut(b []byte, fields ...[]byte) (rest []byte) {
	for _, f := range fields {
		b = b[copy(f, b):]
	}
	return b
}

// FuzzVerifyDeliver spoils deliveries: both verifiers say the same, and nothing
// panics.
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

// FuzzVerifyBlocks spoils batches: indices, keys and their number too.
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
