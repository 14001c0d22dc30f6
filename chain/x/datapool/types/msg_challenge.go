package types

import (
	errorsmod "cosmossdk.io/errors"
)

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgChallenge) ValidateBasic() error {
	if len(m.FactsHash) != hashLen {
		return errorsmod.Wrapf(ErrFactsHash, "%d bytes", len(m.FactsHash))
	}
	return checkChunks(m.Chunks)
}

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgAnswer) ValidateBasic() error {
	if n := len(m.Slices); n == 0 || n > MaxChallengeChunks {
		return errorsmod.Wrapf(ErrAnswer, "%d slices", n)
	}
	for _, slice := range m.Slices {
		if n := len(slice); n == 0 || n > MaxChunkSliceLen {
			return errorsmod.Wrapf(ErrAnswerSlice, "%d bytes, from 1 to %d are taken", n, MaxChunkSliceLen)
		}
	}
	return nil
}
