package localnet

import (
	"context"
	"errors"
	"fmt"
	"time"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/gofrs/flock"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
)

const (
	faucetKey = "faucet"
	// transferGas is about twice what a transfer to a new account takes.
	transferGas = 200_000
	// lookEvery is how often the faucet looks for its transaction in a block.
	lookEvery = 50 * time.Millisecond
)

// Fund pays amount from the faucet of the running chain in dir and returns the
// transaction's hash once it is in a block. Calls for one home wait for each
// other; ctx bounds all of it.
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
	// The account's sequence is read, used and confirmed by one caller at a time.
	turn := flock.New(home(dir).path("faucet.lock"))
	if _, err := turn.TryLockContext(ctx, lookEvery); err != nil {
		return "", fmt.Errorf("wait for the faucet: %w", err)
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	f, err := openFaucet(home(dir), where)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.conn.Close()) }()
	return f.pay(ctx, to, amount)
}

// faucet pays from the home's faucet key.
type faucet struct {
	conn    *grpc.ClientConn
	address sdk.AccAddress
	factory clienttx.Factory
	app.Encoding
}

func openFaucet(h home, where Endpoints) (*faucet, error) {
	encoding, err := app.NewEncoding()
	if err != nil {
		return nil, err
	}
	authtypes.RegisterInterfaces(encoding.Registry)
	banktypes.RegisterInterfaces(encoding.Registry)
	keys, err := h.keyring(encoding)
	if err != nil {
		return nil, err
	}
	record, err := keys.Key(faucetKey)
	if err != nil {
		return nil, fmt.Errorf("%w: no faucet key: %w", ErrHome, err)
	}
	address, err := record.GetAddress()
	if err != nil {
		return nil, fmt.Errorf("%w: faucet key: %w", ErrHome, err)
	}
	conn, err := grpc.NewClient(where.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connect to chain: %w", err)
	}
	factory := clienttx.Factory{}.WithChainID(where.ChainID).WithTxConfig(encoding.TxConfig).WithKeybase(keys).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).WithGas(transferGas).WithGasPrices(app.MinGasPrices)
	return &faucet{conn: conn, address: address, factory: factory, Encoding: encoding}, nil
}

func (f *faucet) pay(ctx context.Context, to pdx.Address, amount pdx.Amount) (string, error) {
	info, err := authtypes.NewQueryClient(f.conn).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: f.address.String()})
	if err != nil {
		return "", fmt.Errorf("read faucet account: %w", err)
	}
	factory := f.factory.WithAccountNumber(info.Info.AccountNumber).WithSequence(info.Info.Sequence)
	msg := &banktypes.MsgSend{FromAddress: f.address.String(), ToAddress: string(to), Amount: coins(amount)}
	tx, err := signTx(ctx, factory, faucetKey, msg)
	if err != nil {
		return "", err
	}
	raw, err := f.TxConfig.TxEncoder()(tx)
	if err != nil {
		return "", fmt.Errorf("encode transaction: %w", err)
	}
	service := txtypes.NewServiceClient(f.conn)
	sent, err := service.BroadcastTx(ctx, &txtypes.BroadcastTxRequest{TxBytes: raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	if err != nil {
		return "", fmt.Errorf("send transaction: %w", err)
	}
	if err := verdict(sent.TxResponse); err != nil {
		return "", err
	}
	return sent.TxResponse.TxHash, confirm(ctx, service, sent.TxResponse.TxHash)
}

// confirm waits for the transaction in a block and tells how it went.
func confirm(ctx context.Context, service txtypes.ServiceClient, hash string) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		got, err := service.GetTx(ctx, &txtypes.GetTxRequest{Hash: hash})
		if err == nil {
			return verdict(got.TxResponse)
		}
		if status.Code(err) != codes.NotFound {
			return fmt.Errorf("look up transaction %s: %w", hash, err)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for transaction %s: %w", hash, ctx.Err())
		}
	}
}

// verdict turns the chain's answer into an error. SDK code 5 is "insufficient funds".
func verdict(res *sdk.TxResponse) error {
	const codespace, insufficientFunds = "sdk", 5
	switch {
	case res.Code == 0:
		return nil
	case res.Codespace == codespace && res.Code == insufficientFunds:
		return fmt.Errorf("%w: the faucet is empty: %s", pdx.ErrNoFunds, res.RawLog)
	}
	return fmt.Errorf("%w by the chain: %s", pdx.ErrRefused, res.RawLog)
}
