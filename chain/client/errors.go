package client

import (
	"errors"
	"fmt"
	"regexp"

	errorsmod "cosmossdk.io/errors"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/internal/silence"
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

// Error returns the chain's own reason, with amounts in MED.
func (r *Refusal) Error() string { return fmt.Sprintf("%v: the chain says: %s", r.kind, r.Reason()) }

// wrapping is what the SDK says around a message's own error.
var wrapping = regexp.MustCompile(`^failed to execute message; message index: \d+: |^failed to simulate tx: | \[[^\]]*\.go:\d+\]`)

// umedText is an amount as the chain writes it.
var umedText = regexp.MustCompile(`\b(\d{1,20})` + pdx.Denom + `\b`)

// Reason returns the last clause of the chain's text, with amounts in MED.
func (r *Refusal) Reason() string {
	text := r.Log
	for plain := ""; plain != text; {
		plain, text = text, wrapping.ReplaceAllString(text, "")
	}
	return umedText.ReplaceAllStringFunc(text, func(amount string) string {
		if a, err := pdx.ParseAmount(amount); err == nil {
			return a.MED()
		}
		return amount
	})
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
	return fmt.Errorf("account %s: %w: it holds nothing on %s yet: send MED to it", account, pdx.ErrNoFunds, chainID)
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
	if plain := (*silence.Error)(nil); errors.As(err, &plain) { // without the wrappings of HTTP and gRPC
		return fmt.Errorf("%s: %w", what, plain)
	}
	return fmt.Errorf("%s: chain %w: %w", what, pdx.ErrUnavailable, err)
}
