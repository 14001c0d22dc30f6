package localnet

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/gofrs/flock"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/endpoints"
)

const (
	faucetKey = "faucet"
	// transferGas is about twice what a transfer to a new account takes.
	transferGas = 200_000
)

// Fund pays amount, in umed, from the faucet of the running chain in dir and returns the
// hash of the transaction once it is in a block. Concurrent calls for one home run one
// after the other; ctx bounds the wait, too. It returns pdx.ErrInvalid for a malformed
// address or an amount of 0, and ErrNotRunning if no chain runs.
func Fund(ctx context.Context, dir string, to pdx.Address, amount pdx.Amount) (hash string, err error) {
	if _, err := sdk.AccAddressFromBech32(string(to)); err != nil {
		return "", fmt.Errorf("address %q: %w: %w", to, pdx.ErrInvalid, err)
	}
	if amount == 0 {
		return "", fmt.Errorf("%w: nothing to pay", pdx.ErrInvalid)
	}
	where, err := ReadEndpoints(dir)
	if err != nil {
		return "", err
	}
	err = withFaucet(ctx, dir, where, func(f *account) (err error) {
		hash, err = f.pay(ctx, to, amount)
		return err
	})
	return hash, err
}

// withFaucet lets do use the faucet: its account's sequence is read, used and
// confirmed by one caller at a time.
func withFaucet(ctx context.Context, dir string, where endpoints.Endpoints, do func(*account) error) (err error) {
	turn := flock.New(home(dir).path("faucet.lock"))
	if _, err := turn.TryLockContext(ctx, lookEvery); err != nil {
		return fmt.Errorf("wait for the faucet: %w", err)
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	f, err := openAccount(home(dir), where, faucetKey)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.conn.Close()) }()
	return do(f)
}

func (a *account) pay(ctx context.Context, to pdx.Address, amount pdx.Amount) (string, error) {
	done, err := a.send(ctx, transferGas, &banktypes.MsgSend{FromAddress: a.address.String(), ToAddress: string(to), Amount: coins(amount)})
	if err != nil {
		return "", err
	}
	return done.TxHash, nil
}
