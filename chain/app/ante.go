package app

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
)

// newAnte returns what every transaction passes before its messages run:
// signatures, sequence, size, and a fee of at least the node's minimum gas
// price (MinGasPrices unless the node was given another).
func (a *App) newAnte() (sdk.AnteHandler, error) {
	handler, err := ante.NewAnteHandler(ante.HandlerOptions{
		AccountKeeper:   a.Account,
		BankKeeper:      a.Bank,
		FeegrantKeeper:  a.FeeGrant,
		SignModeHandler: a.TxConfig.SignModeHandler(),
		SigGasConsumer:  ante.DefaultSigVerificationGasConsumer,
	})
	if err != nil {
		return nil, fmt.Errorf("make ante handler: %w", err)
	}
	return handler, nil
}
