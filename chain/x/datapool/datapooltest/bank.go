package datapooltest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// bank keeps balances in a store of the chain, so that a failed message leaves
// them as they were. It creates no accounts and knows none.
type bank struct {
	closed   *atomic.Bool
	balances collections.Map[collections.Pair[[]byte, string], math.Int]
}

var _ types.BankKeeper = bank{}

func newBank(service store.KVStoreService) (bank, error) {
	sb := collections.NewSchemaBuilder(service)
	b := bank{closed: new(atomic.Bool), balances: collections.NewMap(sb, collections.NewPrefix(0), "balances",
		collections.PairKeyCodec(collections.BytesKey, collections.StringKey), sdk.IntValue)}
	_, err := sb.Build()
	return b, err
}

func (b bank) SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, module string, amount sdk.Coins) error {
	return b.send(ctx, sender, address.Module(module), amount)
}

func (b bank) SendCoinsFromModuleToAccount(ctx context.Context, module string, recipient sdk.AccAddress, amount sdk.Coins) error {
	return b.send(ctx, address.Module(module), recipient, amount)
}

func (b bank) GetBalance(ctx context.Context, account sdk.AccAddress, denom string) sdk.Coin {
	amount, err := b.balances.Get(ctx, collections.Join([]byte(account), denom))
	if errors.Is(err, collections.ErrNotFound) {
		amount = math.ZeroInt()
	} else if err != nil {
		panic(fmt.Sprintf("datapooltest: read balance: %v", err))
	}
	return sdk.NewCoin(denom, amount)
}

func (b bank) send(ctx context.Context, from, to sdk.AccAddress, amount sdk.Coins) error {
	if b.closed.Load() {
		return sdkerrors.ErrUnauthorized.Wrap("transfers are closed")
	}
	for _, coin := range amount {
		has := b.GetBalance(ctx, from, coin.Denom)
		if has.IsLT(coin) {
			return sdkerrors.ErrInsufficientFunds.Wrapf("%s is smaller than %s", has, coin)
		}
		if err := b.set(ctx, from, has.Sub(coin)); err != nil {
			return err
		}
		if err := b.set(ctx, to, b.GetBalance(ctx, to, coin.Denom).Add(coin)); err != nil {
			return err
		}
	}
	return nil
}

func (b bank) set(ctx context.Context, account sdk.AccAddress, coin sdk.Coin) error {
	return b.balances.Set(ctx, collections.Join([]byte(account), coin.Denom), coin.Amount)
}
