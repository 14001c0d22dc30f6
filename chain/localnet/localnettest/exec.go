package localnettest

import (
	"testing"
	"time"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
)

const (
	// Gas is what Exec and Broadcast allow a transaction; none of the
	// exchange's messages takes as much.
	Gas = 1_000_000
	// LeastFee is the least that the chain takes for it, at 5 umed.
	LeastFee pdx.Amount = 5 * Gas

	lookEvery = 10 * time.Millisecond
)

// Exec runs the messages in one transaction of the named account, pays LeastFee
// and returns what a block made of it. The transaction must succeed.
func (c *Chain) Exec(t testing.TB, from string, msgs ...sdk.Msg) *sdk.TxResponse {
	t.Helper()
	sent := c.Broadcast(t, from, LeastFee, msgs...)
	require.Zero(t, sent.Code, sent.RawLog)
	done := c.Confirm(t, sent.TxHash)
	require.Zero(t, done.Code, done.RawLog)
	return done
}

// Broadcast signs with the account's key, sends, and returns the mempool's verdict.
func (c *Chain) Broadcast(t testing.TB, from string, fee pdx.Amount, msgs ...sdk.Msg) *sdk.TxResponse {
	t.Helper()
	encoding, err := app.NewEncoding()
	require.NoError(t, err)
	info, err := authtypes.NewQueryClient(c.conn).AccountInfo(t.Context(),
		&authtypes.QueryAccountInfoRequest{Address: string(c.Account(from).Address)})
	require.NoError(t, err)
	factory := clienttx.Factory{}.WithChainID(c.ChainID()).WithTxConfig(encoding.TxConfig).WithKeybase(c.Keyring).
		WithSignMode(c.signMode).WithGas(Gas).WithFees(fee.String()).
		WithAccountNumber(info.Info.AccountNumber).WithSequence(info.Info.Sequence)
	builder, err := factory.BuildUnsignedTx(msgs...)
	require.NoError(t, err)
	require.NoError(t, clienttx.Sign(t.Context(), factory, from, builder, true))
	raw, err := encoding.TxConfig.TxEncoder()(builder.GetTx())
	require.NoError(t, err)
	res, err := txtypes.NewServiceClient(c.conn).BroadcastTx(t.Context(),
		&txtypes.BroadcastTxRequest{TxBytes: raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	require.NoError(t, err)
	return res.TxResponse
}

// Confirm waits until the transaction is in a block.
func (c *Chain) Confirm(t testing.TB, hash string) *sdk.TxResponse {
	t.Helper()
	var found *sdk.TxResponse
	require.Eventually(t, func() bool {
		res, err := txtypes.NewServiceClient(c.conn).GetTx(t.Context(), &txtypes.GetTxRequest{Hash: hash})
		if status.Code(err) != codes.NotFound {
			require.NoError(t, err)
			found = res.TxResponse
		}
		return found != nil
	}, patience, lookEvery)
	return found
}
