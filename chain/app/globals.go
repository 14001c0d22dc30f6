package app

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
)

// Names and numbers of the chain. Amounts are in umed everywhere.
const (
	// Name is the name of the application.
	Name = "panacea"
	// CoinType is Panacea's number in SLIP-44; keys are derived at m/44'/371'/0'/0/n.
	CoinType = 371
	// BondDenom is the only denomination.
	BondDenom = pdx.Denom
	// MinGasPrices is the least a transaction must pay for a unit of gas, as on
	// the mainnet.
	MinGasPrices = "5" + BondDenom
)

const bip44Purpose = 44

// The SDK keeps these in process globals and caches what it makes of them, so
// they are set before any other code of the process can run.
func init() {
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(pdx.AddressPrefix, pdx.AddressPrefix+"pub")
	config.SetBech32PrefixForValidator(pdx.AddressPrefix+"valoper", pdx.AddressPrefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(pdx.AddressPrefix+"valcons", pdx.AddressPrefix+"valconspub")
	config.SetPurpose(bip44Purpose)
	config.SetCoinType(CoinType)
	sdk.DefaultBondDenom = BondDenom
}
