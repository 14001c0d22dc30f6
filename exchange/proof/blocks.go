package proof

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// ProveBlocks returns the keys M_j of the blocks at indices, in that order, and one dleq-v1
// of 64 bytes that proves all of them. There must be at least one index; indices must
// increase strictly and be below blocks, the number of the dataset's blocks. No protocol of
// this version uses it: see attest.OpenBlocks.
func ProveBlocks(ctx [32]byte, s group.Scalar, nonce [32]byte, blocks uint64, indices []uint64) (
	ms []pdx.Element, proof []byte, err error,
) {
	if err := checkIndices(blocks, indices); err != nil {
		return nil, nil, err
	}
	key, err := group.BaseMul(s)
	if err != nil {
		return nil, nil, refuse("S", err)
	}
	bases, err := blockBases(key.Bytes(), nonce, indices)
	if err != nil {
		return nil, nil, err
	}
	keys := make([]group.Point, len(indices))
	ms = make([]pdx.Element, len(indices))
	for i := range indices {
		if keys[i], err = bases[i].Mul(s); err != nil {
			return nil, nil, refuse("M_j", err)
		}
		ms[i] = keys[i].Bytes()
	}
	st, err := batch(ctx, key, nonce, indices, bases, keys)
	if err != nil {
		return nil, nil, err
	}
	if proof, err = st.prove(rand.Reader, s); err != nil {
		return nil, nil, err
	}
	return ms, proof, nil
}

// VerifyBlocks returns ErrProof unless ms are the keys of the blocks at indices. Time
// and memory grow with the number of indices, so a caller that did not choose the
// indices must bound their number first.
func VerifyBlocks(ctx [32]byte, key pdx.Element, nonce [32]byte, blocks uint64, indices []uint64, ms []pdx.Element, proof []byte) error {
	if err := checkIndices(blocks, indices); err != nil {
		return err
	}
	if len(ms) != len(indices) {
		return fmt.Errorf("%w: %d keys for %d blocks", ErrProof, len(ms), len(indices))
	}
	point, err := group.DecodePoint(key[:])
	if err != nil {
		return refuse("S", err)
	}
	keys := make([]group.Point, len(ms))
	for i, m := range ms {
		if keys[i], err = group.DecodePoint(m[:]); err != nil {
			return refuse("M_j", err)
		}
	}
	bases, err := blockBases(key, nonce, indices)
	if err != nil {
		return err
	}
	st, err := batch(ctx, point, nonce, indices, bases, keys)
	if err != nil {
		return err
	}
	return st.verify(proof)
}

func checkIndices(blocks uint64, indices []uint64) error {
	if len(indices) == 0 {
		return fmt.Errorf("%w: no blocks", ErrProof)
	}
	for i, j := range indices {
		if j >= blocks {
			return fmt.Errorf("%w: block %d of %d", ErrProof, j, blocks)
		}
		if i > 0 && j <= indices[i-1] {
			return fmt.Errorf("%w: block %d after block %d", ErrProof, j, indices[i-1])
		}
	}
	return nil
}

func blockBases(key pdx.Element, nonce [32]byte, indices []uint64) ([]group.Point, error) {
	bases := make([]group.Point, len(indices))
	for i, j := range indices {
		base, err := group.BlockBase(key, nonce, j)
		if err != nil {
			return nil, refuse("H_j", err)
		}
		bases[i] = base
	}
	return bases, nil
}

// batch returns one statement for all blocks: a linear combination of their equations,
// with weights that are a hash of all of them.
func batch(ctx [32]byte, key group.Point, nonce [32]byte, indices []uint64, bases, keys []group.Point) (statement, error) {
	s := key.Bytes()
	all := slices.Concat(s[:], nonce[:])
	for i, j := range indices {
		m := keys[i].Bytes()
		all = binary.LittleEndian.AppendUint64(all, j)
		all = append(all, m[:]...)
	}
	weights, err := group.HashToScalars("batch-weight", len(indices), ctx[:], all)
	if err != nil {
		return statement{}, err
	}
	base, err := combine(weights, bases)
	if err != nil {
		return statement{}, refuse("sum of H_j", err)
	}
	image, err := combine(weights, keys)
	if err != nil {
		return statement{}, refuse("sum of M_j", err)
	}
	return newStatement(dleqV1, ctx, key, base, image), nil
}

func combine(weights []group.Scalar, points []group.Point) (group.Point, error) {
	sum := group.VarTimeSum(weights, points)
	return group.DecodePoint(sum[:])
}
