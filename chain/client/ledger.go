package client

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Backend is a chain that understands the module's own words.
type Backend interface {
	// ClientConnInterface answers the queries of the module and of x/bank.
	grpc.ClientConnInterface
	// Head is the last block.
	Head(ctx context.Context) (pdx.Head, error)
	// Send brings one message of the account into a block and decodes what its
	// handler answered. An error that is a *Refusal is the chain's.
	Send(ctx context.Context, msg sdk.Msg, answer proto.Message) error
	// Span is the first block there still is, and the last one whose state
	// queries see.
	Span(ctx context.Context) (first, last int64, err error)
	// Block is one within Span.
	Block(ctx context.Context, height int64) (Block, error)
	// Wait returns nil when the block of that height may be there, or the
	// context's error.
	Wait(ctx context.Context, height int64) error
}

// Ledger is a chain in the words of package pdx, for one account.
type Ledger struct {
	account pdx.Address
	backend Backend
	bank    banktypes.QueryClient
	query   types.QueryClient
}

// NewLedger speaks to backend, which signs as account; empty for a reader.
func NewLedger(account pdx.Address, backend Backend) *Ledger {
	return &Ledger{
		account: account, backend: backend,
		bank: banktypes.NewQueryClient(backend), query: types.NewQueryClient(backend),
	}
}

// Account is the address that transactions are signed by; empty for a reader.
func (l *Ledger) Account() pdx.Address { return l.account }
