package light

import (
	"errors"
	"fmt"

	storetypes "cosmossdk.io/store/types"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	ics23 "github.com/cosmos/ics23/go"
)

// VerifyValue verifies that the store of a module has value under key, or no value if
// value is empty, in the state whose application hash is root. ops is the proof of a
// Cosmos SDK chain: one operation for the module's IAVL tree and one for the tree of
// all modules. The error says why the proof is not valid.
func VerifyValue(root []byte, store string, key, value []byte, ops []cmtcrypto.ProofOp) error {
	if len(ops) != 2 {
		return fmt.Errorf("the proof has %d operations, not 2", len(ops))
	}
	inner, err := decodeProof(ops[0], storetypes.ProofOpIAVLCommitment)
	if err != nil {
		return err
	}
	outer, err := decodeProof(ops[1], storetypes.ProofOpSimpleMerkleCommitment)
	if err != nil {
		return err
	}
	storeRoot, err := inner.Calculate()
	if err != nil {
		return fmt.Errorf("root of the module's store: %w", err)
	}
	if !ics23.VerifyMembership(ics23.TendermintSpec, root, outer, []byte(store), storeRoot) {
		return errors.New("the proof does not lead to the header")
	}
	if len(value) == 0 {
		if !ics23.VerifyNonMembership(ics23.IavlSpec, storeRoot, inner, key) {
			return errors.New("the proof does not show that there is nothing")
		}
		return nil
	}
	if !ics23.VerifyMembership(ics23.IavlSpec, storeRoot, inner, key, value) {
		return errors.New("the proof is of another value")
	}
	return nil
}

// decodeProof reads one proof of one key; batches, which may unfold to many
// times their size, are none that a query answers.
func decodeProof(op cmtcrypto.ProofOp, kind string) (*ics23.CommitmentProof, error) {
	if op.Type != kind {
		return nil, fmt.Errorf("a proof of type %q, not %q", op.Type, kind)
	}
	if len(op.Data) > maxProof {
		return nil, fmt.Errorf("a proof of %d bytes; at most %d can be", len(op.Data), maxProof)
	}
	proof := &ics23.CommitmentProof{}
	if err := proof.Unmarshal(op.Data); err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	if proof.GetExist() == nil && proof.GetNonexist() == nil {
		return nil, errors.New("the proof is neither of presence nor of absence")
	}
	return proof, nil
}
