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

// ErrPruned: the endpoint no longer has the requested block.
var ErrPruned = errors.New("block is pruned")

// A Refusal is the chain's answer to a transaction that it refused. It wraps the pdx error
// that tells a caller what to do.
type Refusal struct {
	Codespace string
	Code      uint32
	Log       string
	Hash      string // of the transaction, when it was in a block
	kind      error
}

// Error returns the chain's own text.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%v: the chain says: %s (%s/%d)", r.kind, r.Log, r.Codespace, r.Code)
}

// Unwrap returns one of package pdx's errors.
func (r *Refusal) Unwrap() error { return r.kind }

// NewRefusal returns the refusal of a code of the chain.
func NewRefusal(codespace string, code uint32, log, hash string) *Refusal {
	return &Refusal{Codespace: codespace, Code: code, Log: log, Hash: hash, kind: kindOf(codespace, code)}
}

func (r *Refusal) is(err *errorsmod.Error) bool {
	return r.Codespace == err.Codespace() && r.Code == err.ABCICode()
}

// Unfunded returns the pdx.ErrNoFunds of an account that the chain does not know. An account
// exists once it has received money.
func Unfunded(account pdx.Address, chainID string) error {
	return fmt.Errorf("account %s: %w: it holds nothing on %s yet; send it some %s first", account, pdx.ErrNoFunds, chainID, pdx.Denom)
}

// sdkKinds maps codes of the SDK to package pdx's errors; all others are ErrRefused. The
// module maps its own codes.
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

// queryError distinguishes a missing record from an unreachable chain.
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
