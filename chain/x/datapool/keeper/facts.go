package keeper

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

// FactsHash returns the hash of the deal's facts, which whoever judges or acknowledges the
// deal must name.
func FactsHash(chainID string, deal types.Deal) ([]byte, error) {
	criteria, err := pdx.ContentIDFromBytes(deal.CriteriaCid)
	if err != nil {
		return nil, errorsmod.Wrap(types.ErrCriteria, err.Error())
	}
	facts := attest.FactsOf(chainID, pdx.Deal{
		ID:         pdx.DealID(deal.Id),
		Pool:       pdx.PoolID(deal.PoolId),
		Seller:     pdx.Address(deal.Seller),
		Buyer:      pdx.Address(deal.Buyer),
		BuyerKey:   pdx.Element(deal.BuyerKey),
		Price:      pdx.Amount(deal.Price.Uint64()),
		Required:   deal.RequiredCertificates,
		Criteria:   criteria,
		TermsHash:  [32]byte(deal.TermsHash),
		FieldsHash: [32]byte(deal.FieldsHash),
		Dataset:    dataset(deal.Dataset),
	})
	facts.Denom = deal.Denom
	hash := facts.Hash()
	return hash[:], nil
}

// checkFacts refuses a message about other facts than the deal's: its signer was shown
// another deal than the chain has.
func checkFacts(ctx sdk.Context, deal types.Deal, hash []byte) error {
	want, err := FactsHash(ctx.ChainID(), deal)
	if err == nil && !bytes.Equal(want, hash) {
		err = errorsmod.Wrapf(types.ErrFacts, "deal %d", deal.Id)
	}
	return err
}
