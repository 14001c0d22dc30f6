package types

import (
	"bytes"
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// Select returns the n candidates with the smallest ranks in the draw with a seed, in the
// order of their ranks; all candidates, if there are no more than n.
func Select(seed [32]byte, candidates []AcceptedValidator, n uint32) []AcceptedValidator {
	type ranked struct {
		AcceptedValidator
		rank [32]byte
	}
	all := make([]ranked, len(candidates))
	for i, c := range candidates {
		all[i] = ranked{c, attest.DrawRank(seed, pdx.Address(c.Address))}
	}
	slices.SortFunc(all, func(a, b ranked) int { return bytes.Compare(a.rank[:], b.rank[:]) })
	drawn := make([]AcceptedValidator, min(int(n), len(all)))
	for i := range drawn {
		drawn[i] = all[i].AcceptedValidator
	}
	return drawn
}

// Undrawn reports whether the deal waits for its validators to be drawn.
func (d Deal) Undrawn() bool {
	return d.Draw != nil && d.Draw.Height == 0 && !d.State.Ended()
}

// DrawBlockHeight returns the height of the block whose hash is part of the deal's draw: the
// one after the offer's. Whoever offers does not know it.
func (d Deal) DrawBlockHeight() int64 { return d.EnteredAt(DEAL_STATE_OFFERED) + 1 }

// checkValidators checks the validators of a deal against its draw.
func (d Deal) checkValidators() error {
	if d.RequiredCertificates == 0 {
		return errorsmod.Wrap(ErrCertificateCount, "none")
	}
	if d.Draw == nil {
		return d.checkEnough(len(d.Validators))
	}
	if n := d.Draw.Count; n < d.RequiredCertificates || int(n) > len(d.Draw.Candidates) {
		return errorsmod.Wrapf(ErrDrawCount, "%d of %d candidates", n, len(d.Draw.Candidates))
	}
	if err := CheckCommissions(d.Draw.Candidates, d.RequiredCertificates); err != nil {
		return err
	}
	if d.Draw.Height == 0 {
		return d.checkUndrawn()
	}
	for _, v := range d.Validators {
		if !slices.Contains(d.Draw.Candidates, v) {
			return errorsmod.Wrapf(ErrNotAccepted, "%s was drawn but is not a candidate", v.Address)
		}
	}
	early := d.Draw.Height < d.DrawBlockHeight() && d.Draw.Height != 1 // at zero height, all that is past is of height 1
	if len(d.Validators) != int(d.Draw.Count) || early {
		return errorsmod.Wrapf(ErrDrawCount, "%d drawn of %d at height %d", len(d.Validators), d.Draw.Count, d.Draw.Height)
	}
	if n := len(d.Draw.Preimage); n != 0 && n != hashLen {
		return errorsmod.Wrapf(ErrPreimage, "%d bytes", n)
	}
	return nil
}

func (d Deal) checkUndrawn() error {
	if len(d.Validators) != 0 || len(d.Draw.BlockHash) != 0 || len(d.Draw.Preimage) != 0 ||
		(d.State != DEAL_STATE_OFFERED && d.State != DEAL_STATE_LAPSED) {
		return errorsmod.Wrapf(ErrNotDrawn, "%s with %d validators", d.State, len(d.Validators))
	}
	return nil
}

func (d Deal) checkEnough(n int) error {
	if int(d.RequiredCertificates) > n {
		return errorsmod.Wrapf(ErrCertificateCount, "%d of %d validators", d.RequiredCertificates, n)
	}
	return nil
}

// DrawCandidates returns the validators of a pool that take part in the draws of a
// seller's deals: all but the seller.
func (p Pool) DrawCandidates(seller string) []string {
	return slices.DeleteFunc(slices.Clone(p.Validators), func(v string) bool { return v == seller })
}

// checkDraw checks what a pool knows of its draws.
func (p Pool) checkDraw() error {
	if err := checkDrawCount(p.DrawCount, p.RequiredCertificates, len(p.Validators)); err != nil {
		return err
	}
	if err := checkDrawCommitment(p.DrawCount, p.DrawCommitment); err != nil {
		return err
	}
	revealed := p.RevealHeight != 0
	if p.DrawHeight < 0 || p.RevealHeight < 0 || revealed != (p.DrawHeight != 0) || revealed && p.DrawHeight >= p.RevealHeight ||
		revealed && p.DrawCount == 0 {
		return errorsmod.Wrapf(ErrDrawHeight, "revealed at %d up to height %d", p.RevealHeight, p.DrawHeight)
	}
	return nil
}

// checkDrawCommitment wants a commitment exactly of the buyers of pools that draw.
func checkDrawCommitment(count uint32, commitment []byte) error {
	want := 0
	if count != 0 {
		want = hashLen
	}
	if len(commitment) != want {
		return errorsmod.Wrapf(ErrDrawCommitment, "%d bytes, %d are wanted", len(commitment), want)
	}
	return nil
}

// checkDrawBlocks checks the blocks whose hashes deals wait for against these deals.
func (g GenesisState) checkDrawBlocks() error {
	waiting := map[int64]uint64{}
	for _, d := range g.Deals {
		if d.Undrawn() {
			waiting[d.DrawBlockHeight()]++
		}
	}
	for _, b := range g.DrawBlocks {
		if b.Waiting == 0 || waiting[b.Height] != b.Waiting {
			return errorsmod.Wrapf(ErrGenesis, "%d deals wait with block %d, not %d", waiting[b.Height], b.Height, b.Waiting)
		}
		delete(waiting, b.Height)
	}
	if len(waiting) != 0 {
		return errorsmod.Wrap(ErrGenesis, "a deal waits for its draw without a block")
	}
	return nil
}
