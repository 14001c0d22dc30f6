package validator

import (
	"errors"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
)

// open turns the seller's M into the dataset's key, or names what is false. It
// needs nothing but the request and the deal.
func (s *Service) open(deal pdx.Deal, req Request) (*seal.Key, pdx.RejectReason, error) {
	ds := deal.Dataset
	ctx := attest.OpenDataset{ChainID: s.chainID, Deal: deal.ID, Validator: s.account}.Hash()
	if err := proof.VerifyOpening(ctx, ds.Key, ds.Nonce, req.Opening, req.Proof); err != nil {
		if errors.Is(err, proof.ErrProof) {
			return nil, pdx.RejectOpening, nil
		}
		return nil, 0, noVerdict("this validator could not verify the opening", err)
	}
	key, err := seal.OpenDataset(req.Opening, ds)
	switch {
	case err == nil:
		return key, 0, nil
	case errors.Is(err, pdx.ErrCorrupt):
		return nil, pdx.RejectCiphertext, nil
	default: // a cipher that this program does not know
		return nil, 0, noVerdict("this validator cannot open the dataset", err)
	}
}
