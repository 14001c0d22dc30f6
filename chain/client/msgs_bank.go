package client

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/medibloc/pdx"
)

// Transfer sends money from this account to another.
func (l *Ledger) Transfer(ctx context.Context, to pdx.Address, amount pdx.Amount) error {
	msg := &banktypes.MsgSend{FromAddress: string(l.account), ToAddress: string(to), Amount: sdk.NewCoins(coin(amount))}
	return l.call(ctx, "transfer "+amount.MED()+" to "+string(to), msg, &banktypes.MsgSendResponse{})
}
