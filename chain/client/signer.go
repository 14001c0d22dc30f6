package client

import (
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"

	"cosmossdk.io/math"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/medibloc/pdx"
)

// A signer has what the next signature needs: the account's number and sequence. The
// committed sequence comes from the chain; transactions in the mempool are counted here.
type signer struct {
	known            bool
	number, sequence uint64
}

// load queries the chain once.
func (s *signer) load(ctx context.Context, w *wallet) error {
	if s.known {
		return nil
	}
	what := fmt.Sprintf("account %s", w.account)
	res, err := authtypes.NewQueryClient(w).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: string(w.account)})
	switch {
	case status.Code(err) == codes.NotFound:
		return Unfunded(w.account, w.cfg.ChainID)
	case err != nil:
		return queryError(what, err)
	case res.Info == nil:
		return fmt.Errorf("%s: %w: the chain's answer is empty", what, pdx.ErrCorrupt)
	}
	*s = signer{known: true, number: res.Info.AccountNumber, sequence: res.Info.Sequence}
	return nil
}

func (s *signer) forget() { s.known = false }

// correct adjusts the sequence after a refusal and reports whether signing again may help.
func (w *wallet) correct(r *Refusal) bool {
	switch {
	case r.is(sdkerrors.ErrWrongSequence):
		if next, ok := r.expectedSequence(); ok {
			w.expect(next)
		} else {
			w.signer.forget()
		}
		return true
	case r.is(sdkerrors.ErrTxInMempoolCache):
		// Another client of this key sent the same transaction.
		w.signer.sequence++
		return true
	case r.is(sdkerrors.ErrUnauthorized):
		w.signer.forget() // the account's number: a development chain may have begun anew
	}
	return false
}

// expected matches the sequence that the SDK's error names.
var expected = regexp.MustCompile(`account sequence mismatch, expected (\d+), got \d+`)

// expectedSequence returns the sequence that the chain expected.
func (r *Refusal) expectedSequence() (uint64, bool) {
	if !r.is(sdkerrors.ErrWrongSequence) {
		return 0, false
	}
	match := expected.FindStringSubmatch(r.Log)
	if match == nil {
		return 0, false
	}
	next, err := strconv.ParseUint(match[1], 10, 64)
	return next, err == nil
}

// required matches the fee that the SDK's error names.
var required = regexp.MustCompile(`insufficient fees; got: \S* required: (\S+?)(: .*)?$`)

// requiredFee returns the coins that the chain asked for instead of a fee that was too low.
func (r *Refusal) requiredFee() (string, bool) {
	if !r.is(sdkerrors.ErrInsufficientFee) {
		return "", false
	}
	match := required.FindStringSubmatch(r.Log)
	if match == nil {
		return "", false
	}
	return match[1], true
}

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
