package types

import (
	"bytes"
	"crypto/sha512"
	"encoding/binary"
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/exchange/group"
)

// DrawSeed is the input of a deal's draw. It is unpredictable when the deal is offered:
// the hash is that of a later block. That block's proposer can discard the block, but
// cannot choose its hash.
type DrawSeed struct {
	ChainID   string
	BlockHash []byte
	Deal      uint64
}

// Rank returns the rank of a validator in the draw: SHA-512/256 of the frames of all
// inputs.
func (s DrawSeed) Rank(validator string) [32]byte {
	b := group.Frame(nil, "domain", []byte("draw"))
	b = group.Frame(b, "chain", []byte(s.ChainID))
	b = group.Frame(b, "module", []byte("panacea.datapool.v3"))
	b = group.Frame(b, "block", s.BlockHash)
	b = group.Frame(b, "deal", binary.BigEndian.AppendUint64(nil, s.Deal))
	b = group.Frame(b, "validator", []byte(validator))
	return sha512.Sum512_256(b)
}

// Select returns the n candidates with the smallest ranks, in the order of their
// ranks; all candidates, if there are no more than n.
func (s DrawSeed) Select(candidates []AcceptedValidator, n uint32) []AcceptedValidator {
	drawn := slices.Clone(candidates)
	slices.SortFunc(drawn, func(a, b AcceptedValidator) int {
		x, y := s.Rank(a.Address), s.Rank(b.Address)
		return bytes.Compare(x[:], y[:])
	})
	return drawn[:min(int(n), len(drawn))]
}

// Undrawn reports whether the deal waits for its validators to be drawn.
func (d Deal) Undrawn() bool {
	return d.Draw != nil && d.Draw.Height == 0 && !d.State.Ended()
}

// checkValidators checks the validators of a deal against its draw.
func (d Deal) checkValidators() error {
	if d.RequiredCertificates == 0 {
		return errorsmod.Wrap(ErrCertificateCount, "none")
	}
	if d.Draw == nil {
		return d.checkEnough(len(d.Validators))
	}
	if err := d.checkEnough(len(d.Draw.Candidates)); err != nil {
		return err
	}
	if d.Draw.Count < d.RequiredCertificates || int(d.Draw.Count) > len(d.Draw.Candidates) {
		return errorsmod.Wrapf(ErrDrawCount, "%d of %d candidates", d.Draw.Count, len(d.Draw.Candidates))
	}
	if d.Draw.Height == 0 {
		if len(d.Validators) != 0 || (d.State != DEAL_STATE_OFFERED && d.State != DEAL_STATE_LAPSED) {
			return errorsmod.Wrapf(ErrNotDrawn, "%s with %d validators", d.State, len(d.Validators))
		}
		return CheckCommissions(d.Draw.Candidates, d.RequiredCertificates)
	}
	for _, v := range d.Validators {
		if !slices.Contains(d.Draw.Candidates, v) {
			return errorsmod.Wrapf(ErrNotAccepted, "%s was drawn but is not a candidate", v.Address)
		}
	}
	return d.checkEnough(len(d.Validators))
}

func (d Deal) checkEnough(n int) error {
	if int(d.RequiredCertificates) > n {
		return errorsmod.Wrapf(ErrCertificateCount, "%d of %d validators", d.RequiredCertificates, n)
	}
	return nil
}
