package client

import (
	"errors"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// ErrPruned: the endpoint no longer has the block that was asked for.
var ErrPruned = errors.New("block is pruned")

// Refusal is the chain's answer to a transaction that it did not take. It
// wraps the pdx error that tells a caller what to do.
type Refusal struct {
	Codespace string
	Code      uint32
	Log       string
	Hash      string // of the transaction, when it was in a block
	kind      error
}

// Error is the chain's own text.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%v: the chain says: %s (%s/%d)", r.kind, r.Log, r.Codespace, r.Code)
}

// Unwrap is one of package pdx's errors.
func (r *Refusal) Unwrap() error { return r.kind }

// NewRefusal tells what a code of the chain means.
func NewRefusal(codespace string, code uint32, log, hash string) *Refusal {
	return &Refusal{Codespace: codespace, Code: code, Log: log, Hash: hash, kind: kindOf(codespace, code)}
}

func (r *Refusal) is(err *errorsmod.Error) bool {
	return r.Codespace == err.Codespace() && r.Code == err.ABCICode()
}

// Unfunded is the pdx.ErrNoFunds of an account that the chain does not know: one
// exists as soon as it was sent something.
func Unfunded(account pdx.Address, chainID string) error {
	return fmt.Errorf("account %s: %w: it holds nothing on %s yet; send it some %s first", account, pdx.ErrNoFunds, chainID, pdx.Denom)
}

// sdkKinds tells what a code of the SDK means for the caller; every other one is
// ErrRefused. The module says by itself what its codes mean.
var sdkKinds = map[uint32]error{
	sdkerrors.ErrInsufficientFunds.ABCICode(): pdx.ErrNoFunds,
	sdkerrors.ErrUnknownAddress.ABCICode():    pdx.ErrNoFunds, // an account exists once it was funded
	sdkerrors.ErrMempoolIsFull.ABCICode():     pdx.ErrUnavailable,
	sdkerrors.ErrTxInMempoolCache.ABCICode():  pdx.ErrUnavailable,
	sdkerrors.ErrTxTimeoutHeight.ABCICode():   pdx.ErrUnavailable,
	sdkerrors.ErrWrongSequence.ABCICode():     pdx.ErrUnavailable,
	sdkerrors.ErrOutOfGas.ABCICode():          pdx.ErrUnavailable,
}

func kindOf(codespace string, code uint32) error {
	var kind error
	switch codespace {
	case types.ModuleName:
		kind = types.Sentinel(code)
	case sdkerrors.RootCodespace:
		kind = sdkKinds[code]
	}
	if kind == nil {
		return pdx.ErrRefused
	}
	return kind
}

// queryError tells a missing thing from a chain that cannot be reached.
func queryError(what string, err error) error {
	switch status.Code(err) {
	case codes.NotFound:
		return fmt.Errorf("%s: %w on this chain", what, pdx.ErrNotFound)
	case codes.InvalidArgument:
		return fmt.Errorf("%s: %w: %s", what, pdx.ErrInvalid, status.Convert(err).Message())
	}
	return unreachable(what, err)
}

func unreachable(what string, err error) error {
	if silent := (*silentError)(nil); errors.As(err, &silent) {
		return fmt.Errorf("%s: %w", what, silent)
	}
	return fmt.Errorf("%s: chain %w: %w", what, pdx.ErrUnavailable, err)
}
