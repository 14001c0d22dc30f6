package move

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/keys"
)

// Fees is what stays behind of the balance, for the transfer's own fee: about 0.5 MED at Panacea's minimum
// gas price.
const Fees pdx.Amount = 1_000_000

// Movable returns what of an account's balance moves.
func Movable(ctx context.Context, chain Chain, account pdx.Address) (pdx.Amount, error) {
	balance, err := chain.Balance(ctx, account)
	return balance - min(balance, Fees), err
}

// Finish sends the former account's money to the account that keys.PrepareMove prepared, and makes that one
// the home's. It may be called again after it was cut short: the money that is gone is not sent twice, and
// the keys change last.
func Finish(ctx context.Context, chain Chain, secrets keys.Secrets, from, to pdx.Address) (pdx.Amount, error) {
	amount, err := Movable(ctx, chain, from)
	if err != nil {
		return 0, err
	}
	if amount > 0 {
		if err := chain.Transfer(ctx, to, amount); err != nil {
			return 0, err
		}
	}
	return amount, keys.FinishMove(ctx, secrets)
}
