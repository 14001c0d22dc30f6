package client

import (
	"context"
	"crypto/sha256"
	"fmt"

	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"

	"github.com/medibloc/pdx"
)

// signed is a transaction and the heights between which it can get into a block.
type signed struct {
	raw            []byte
	since, timeout int64     // the block must come after since, at timeout at the latest
	via            *endpoint // that took it, nil when nobody said so
}

func (s signed) id() [32]byte { return sha256.Sum256(s.raw) }

// hash returns the hash by which the chain names the transaction.
func (s signed) hash() string { return fmt.Sprintf("%X", s.id()) }

// sign makes the bytes of a transaction with one message.
func (w *wallet) sign(ctx context.Context, msg sdk.Msg, gas uint64, fee pdx.Amount, sequence uint64, timeout int64) ([]byte, error) {
	builder := w.txs.NewTxBuilder()
	if err := builder.SetMsgs(msg); err != nil {
		return nil, fmt.Errorf("message: %w: %v", pdx.ErrInvalid, err)
	}
	builder.SetGasLimit(gas)
	builder.SetTimeoutHeight(uint64(timeout))
	builder.SetFeeAmount(sdk.NewCoins(coin(fee)))
	factory := tx.Factory{}.
		WithTxConfig(w.txs).WithKeybase(w.cfg.Keyring).WithChainID(w.cfg.ChainID).
		WithAccountNumber(w.signer.number).WithSequence(sequence).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT)
	if err := tx.Sign(ctx, factory, w.cfg.KeyName, builder, true); err != nil {
		return nil, fmt.Errorf("sign with key %q: %w", w.cfg.KeyName, err)
	}
	return w.txs.TxEncoder()(builder.GetTx())
}

func coin(a pdx.Amount) sdk.Coin {
	return sdk.NewCoin(pdx.Denom, math.NewIntFromUint64(uint64(a)))
}
