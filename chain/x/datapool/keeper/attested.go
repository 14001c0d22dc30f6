package keeper

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// dataset converts the chain's dataset to package pdx's. The lengths of its byte fields
// were checked before they entered the state.
func dataset(d types.Dataset) pdx.Dataset {
	return pdx.Dataset{
		Root:       pdx.ContentID(d.Root),
		Size:       d.Size_,
		Key:        pdx.Element(d.DatasetKey),
		Nonce:      [32]byte(d.Nonce),
		AEAD:       pdx.AEAD(d.Aead),
		Box:        [48]byte(d.Box),
		KeyCommit:  [32]byte(d.KeyCommit),
		Commitment: [32]byte(d.PlaintextCommitment),
	}
}

func certificates(list []types.Certificate) []pdx.Certificate {
	var out []pdx.Certificate
	for _, c := range list {
		out = append(out, pdx.Certificate{
			Validator:    pdx.Address(c.Validator),
			Accepted:     c.Verdict == types.VERDICT_ACCEPT,
			Reason:       pdx.RejectReason(c.Reason),
			Report:       [32]byte(c.ReportHash),
			Available:    c.Available,
			ExpiryHeight: c.ExpiryHeight,
			Commission:   c.CommissionBp,
			Height:       c.Height,
		})
	}
	return out
}
