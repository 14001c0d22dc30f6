package localnet

import (
	"context"
	"fmt"
	"strconv"

	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/client"
	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// founder is a chain validator from the first block on.
type founder struct {
	key       string // in the keyring
	operator  sdk.AccAddress
	consensus cryptotypes.PubKey
	nodeID    string
}

func operatorKey(i int) string { return "operator" + strconv.Itoa(i) }

// sign makes the transaction that bonds the founder's stake; its memo says where
// peers would find the node.
func (f founder) sign(ctx context.Context, chainID string, txs client.TxConfig, keys keyring.Keyring) (sdk.Tx, error) {
	percent := func(n int64) math.LegacyDec { return math.LegacyNewDecWithPrec(n, 2) }
	msg, err := stakingtypes.NewMsgCreateValidator(
		sdk.ValAddress(f.operator).String(), f.consensus, coin(stake),
		stakingtypes.Description{Moniker: f.key},
		stakingtypes.NewCommissionRates(percent(5), percent(20), percent(1)),
		math.OneInt(),
	)
	if err != nil {
		return nil, fmt.Errorf("make founding message: %w", err)
	}
	// Genesis transactions run at height 0, where every account's number is
	// taken as 0 and no fee is asked.
	factory := clienttx.Factory{}.WithChainID(chainID).WithTxConfig(txs).WithKeybase(keys).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).WithMemo(f.nodeID + "@127.0.0.1:0")
	return signTx(ctx, factory, f.key, msg)
}

func signTx(ctx context.Context, factory clienttx.Factory, key string, msgs ...sdk.Msg) (sdk.Tx, error) {
	builder, err := factory.BuildUnsignedTx(msgs...)
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	if err := clienttx.Sign(ctx, factory, key, builder, true); err != nil {
		return nil, fmt.Errorf("sign transaction: %w", err)
	}
	return builder.GetTx(), nil
}
