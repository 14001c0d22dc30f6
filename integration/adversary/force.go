package adversary

import (
	"fmt"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/node/keys"
)

// ForcedGas is the gas limit of Party.Force: more than the module's ordinary messages take.
const ForcedGas = 2_000_000

// ForcedFee is the fee of Party.Force, which is paid also if the message fails.
const ForcedFee = pdx.Amount(5 * ForcedGas)

// Force broadcasts a message without simulating it, as an ordinary client would, and
// returns its result in the block.
func (p *Party) Force(msg sdk.Msg) *sdk.TxResponse {
	p.t.Helper()
	conn, err := grpc.NewClient(p.ends.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(p.t, err)
	defer conn.Close()
	encoding, err := app.NewEncoding()
	require.NoError(p.t, err)
	account, err := authtypes.NewQueryClient(conn).AccountInfo(p.t.Context(),
		&authtypes.QueryAccountInfoRequest{Address: string(p.keys.Account())})
	require.NoError(p.t, err)
	factory := clienttx.Factory{}.WithChainID(p.ends.ChainID).WithTxConfig(encoding.TxConfig).WithKeybase(p.keys.Keyring()).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).WithGas(ForcedGas).WithFees(ForcedFee.String()).
		WithAccountNumber(account.Info.AccountNumber).WithSequence(account.Info.Sequence)
	builder, err := factory.BuildUnsignedTx(msg)
	require.NoError(p.t, err)
	require.NoError(p.t, clienttx.Sign(p.t.Context(), factory, keys.Name, builder, true))
	raw, err := encoding.TxConfig.TxEncoder()(builder.GetTx())
	require.NoError(p.t, err)
	service := txtypes.NewServiceClient(conn)
	sent, err := service.BroadcastTx(p.t.Context(), &txtypes.BroadcastTxRequest{TxBytes: raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	require.NoError(p.t, err)
	require.Zero(p.t, sent.TxResponse.Code, sent.TxResponse.RawLog)
	return p.confirm(service, sent.TxResponse.TxHash)
}

// confirm waits for the block.
func (p *Party) confirm(service txtypes.ServiceClient, hash string) *sdk.TxResponse {
	p.t.Helper()
	var found *sdk.TxResponse
	require.Eventually(p.t, func() bool {
		res, err := service.GetTx(p.t.Context(), &txtypes.GetTxRequest{Hash: hash})
		if status.Code(err) != codes.NotFound {
			require.NoError(p.t, err)
			found = res.TxResponse
		}
		return found != nil
	}, patience, poll, fmt.Sprintf("transaction %s is in no block", hash))
	return found
}
