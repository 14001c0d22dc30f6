package localnet

import (
	"context"
	"fmt"
	"time"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/endpoints"
)

// lookEvery is the interval at which an account polls for its transaction in a block.
const lookEvery = 50 * time.Millisecond

// account signs with a key of the home.
type account struct {
	conn    *grpc.ClientConn
	key     string
	address sdk.AccAddress
	factory clienttx.Factory
	app.Encoding
}

func openAccount(h home, where endpoints.Endpoints, key string) (*account, error) {
	encoding, err := app.NewEncoding()
	if err != nil {
		return nil, err
	}
	authtypes.RegisterInterfaces(encoding.Registry)
	banktypes.RegisterInterfaces(encoding.Registry)
	govv1.RegisterInterfaces(encoding.Registry)
	keys, err := h.keyring(encoding)
	if err != nil {
		return nil, err
	}
	record, err := keys.Key(key)
	if err != nil {
		return nil, fmt.Errorf("%w: no key %s: %w", ErrHome, key, err)
	}
	address, err := record.GetAddress()
	if err != nil {
		return nil, fmt.Errorf("%w: key %s: %w", ErrHome, key, err)
	}
	conn, err := grpc.NewClient(where.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connect to chain: %w", err)
	}
	factory := clienttx.Factory{}.WithChainID(where.ChainID).WithTxConfig(encoding.TxConfig).WithKeybase(keys).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).WithGasPrices(app.MinGasPrices)
	return &account{conn: conn, key: key, address: address, factory: factory, Encoding: encoding}, nil
}

// send brings a transaction into a block and returns what the block made of it.
func (a *account) send(ctx context.Context, gas uint64, msgs ...sdk.Msg) (*sdk.TxResponse, error) {
	info, err := authtypes.NewQueryClient(a.conn).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: a.address.String()})
	if err != nil {
		return nil, fmt.Errorf("read account %s: %w", a.key, err)
	}
	factory := a.factory.WithGas(gas).WithAccountNumber(info.Info.AccountNumber).WithSequence(info.Info.Sequence)
	tx, err := signTx(ctx, factory, a.key, msgs...)
	if err != nil {
		return nil, err
	}
	raw, err := a.TxConfig.TxEncoder()(tx)
	if err != nil {
		return nil, fmt.Errorf("encode transaction: %w", err)
	}
	service := txtypes.NewServiceClient(a.conn)
	sent, err := service.BroadcastTx(ctx, &txtypes.BroadcastTxRequest{TxBytes: raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	if err != nil {
		return nil, fmt.Errorf("send transaction: %w", err)
	}
	if err := a.verdict(sent.TxResponse); err != nil {
		return nil, err
	}
	return a.confirm(ctx, service, sent.TxResponse.TxHash)
}

// confirm waits for the transaction in a block and returns its outcome.
func (a *account) confirm(ctx context.Context, service txtypes.ServiceClient, hash string) (*sdk.TxResponse, error) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		got, err := service.GetTx(ctx, &txtypes.GetTxRequest{Hash: hash})
		if err == nil {
			return got.TxResponse, a.verdict(got.TxResponse)
		}
		if status.Code(err) != codes.NotFound {
			return nil, fmt.Errorf("look up transaction %s: %w", hash, err)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for transaction %s: %w", hash, ctx.Err())
		}
	}
}

// verdict turns the chain's answer into an error. SDK code 5 is "insufficient funds".
func (a *account) verdict(res *sdk.TxResponse) error {
	const codespace, insufficientFunds = "sdk", 5
	switch {
	case res.Code == 0:
		return nil
	case res.Codespace == codespace && res.Code == insufficientFunds:
		return fmt.Errorf("%w: the %s is empty: %s", pdx.ErrNoFunds, a.key, res.RawLog)
	}
	return fmt.Errorf("%w by the chain: %s", pdx.ErrRefused, res.RawLog)
}
