package proof_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/proof"
)

// Both verifiers accept honest proofs of random keys, and neither accepts one after any
// single bit of the proof or its statement has changed.

func drawArray(t *rapid.T, name string) [32]byte {
	return [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
}

func drawScalar(t *rapid.T, name string) group.Scalar {
	wide := [64]byte(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, name))
	s := group.ReduceScalar(wide)
	if s.IsZero() {
		t.Skip("0 is no key")
	}
	return s
}

// spoil flips one bit of one of the fields, or none. It reports whether it did.
func spoil(t *rapid.T, fields ...[]byte) bool {
	if rapid.Bool().Draw(t, "honest") {
		return false
	}
	field := rapid.SampledFrom(fields).Draw(t, "field")
	bit := rapid.IntRange(0, 8*len(field)-1).Draw(t, "bit")
	field[bit/8] ^= 1 << (bit % 8)
	return true
}

func requireVerdict(t *rapid.T, v verdicts, spoiled bool) {
	err := v.verify()
	if spoiled {
		require.ErrorIs(t, err, proof.ErrProof)
	} else {
		require.NoError(t, err)
	}
	require.Equal(t, !spoiled, v.second(), "second verifier")
}

func publicOf(t require.TestingT, s group.Scalar) []byte {
	p, err := group.BaseMul(s)
	require.NoError(t, err)
	return bytesOf(p.Bytes())
}

func bytesOf(e pdx.Element) []byte { return slices.Clone(e[:]) }

func TestAgreePop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, x := drawArray(t, "ctx"), drawScalar(t, "x")
		prf, err := proof.ProvePop(ctx, x)
		require.NoError(t, err)
		v := popVector{header{Context: ctx[:], Proof: prf}, publicOf(t, x)}
		requireVerdict(t, v, spoil(t, v.Context, v.Proof, v.X))
	})
}

func TestAgreeOpening(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, s, nonce := drawArray(t, "ctx"), drawScalar(t, "s"), drawArray(t, "nonce")
		prf, err := proof.ProveOpening(ctx, s, nonce)
		require.NoError(t, err)
		key := publicOf(t, s)
		h, err := group.DatasetBase(pdx.Element(key), nonce)
		require.NoError(t, err)
		m, err := h.Mul(s)
		require.NoError(t, err)
		v := openingVector{header{Context: ctx[:], Proof: prf}, key, nonce[:], bytesOf(m.Bytes())}
		requireVerdict(t, v, spoil(t, v.Context, v.Proof, v.S, v.Nonce, v.M))
	})
}

func TestAgreeComplaint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, s, nonce := drawArray(t, "ctx"), drawScalar(t, "s"), drawArray(t, "nonce")
		j := rapid.Uint64().Draw(t, "block")
		mj, prf, err := proof.ProveComplaint(ctx, s, nonce, j)
		require.NoError(t, err)
		v := complaintVector{header{Context: ctx[:], Proof: prf}, publicOf(t, s), nonce[:], j, bytesOf(mj)}
		spoiled := spoil(t, v.Context, v.Proof, v.S, v.Nonce, v.MJ)
		if !spoiled && rapid.Bool().Draw(t, "other block") {
			v.Block++
			spoiled = true
		}
		requireVerdict(t, v, spoiled)
	})
}

func TestAgreeBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, s, nonce := drawArray(t, "ctx"), drawScalar(t, "s"), drawArray(t, "nonce")
		blocks := rapid.Uint64Range(1, 1<<40).Draw(t, "blocks")
		indices := rapid.SliceOfNDistinct(rapid.Uint64Range(0, blocks-1), 1, int(min(blocks, 5)), rapid.ID).Draw(t, "indices")
		slices.Sort(indices)
		ms, prf, err := proof.ProveBlocks(ctx, s, nonce, blocks, indices)
		require.NoError(t, err)
		v := blocksVector{header{Context: ctx[:], Proof: prf}, publicOf(t, s), nonce[:], blocks, indices, nil}
		fields := [][]byte{v.Context, v.Proof, v.S, v.Nonce}
		for _, m := range ms {
			v.M = append(v.M, bytesOf(m))
			fields = append(fields, v.M[len(v.M)-1])
		}
		requireVerdict(t, v, spoil(t, fields...))
	})
}

// TestBatchOrder changes one index, so that a key belongs to another block or the order
// is wrong, and expects both verifiers to refuse.
func TestBatchOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, s, nonce := drawArray(t, "ctx"), drawScalar(t, "s"), drawArray(t, "nonce")
		indices := []uint64{1, 4, 9}
		ms, prf, err := proof.ProveBlocks(ctx, s, nonce, 12, indices)
		require.NoError(t, err)
		at, to := rapid.IntRange(0, 2).Draw(t, "at"), rapid.Uint64Range(0, 14).Draw(t, "to")
		moved := indices[at] != to
		indices[at] = to
		v := blocksVector{header{Context: ctx[:], Proof: prf}, publicOf(t, s), nonce[:], 12, indices, nil}
		for _, m := range ms {
			v.M = append(v.M, bytesOf(m))
		}
		requireVerdict(t, v, moved)
	})
}

func TestAgreeDeliverAndOpen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, s, nonce := drawArray(t, "ctx"), drawScalar(t, "s"), drawArray(t, "nonce")
		b := drawScalar(t, "b")
		buyer := publicOf(t, b)
		d1, d2, prf, err := proof.ProveDeliver(ctx, s, nonce, pdx.Element(buyer))
		require.NoError(t, err)
		deliver := deliverVector{header{Context: ctx[:], Proof: prf}, publicOf(t, s), nonce[:], buyer, bytesOf(d1), bytesOf(d2)}
		m, opening, err := proof.ProveOpen(ctx, b, d1, d2)
		require.NoError(t, err)
		open := openVector{header{Context: slices.Clone(ctx[:]), Proof: opening}, slices.Clone(buyer), bytesOf(d1), bytesOf(d2), bytesOf(m)}

		requireVerdict(t, deliver, spoil(t, deliver.Context, deliver.Proof, deliver.S, deliver.Nonce, deliver.B, deliver.D1, deliver.D2))
		requireVerdict(t, open, spoil(t, open.Context, open.Proof, open.B, open.D1, open.D2, open.M))
	})
}
