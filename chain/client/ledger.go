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

// A Backend is a chain that understands the module's messages.
type Backend interface {
	// ClientConnInterface answers the queries of the module and of x/bank.
	grpc.ClientConnInterface
	// Head returns the last block.
	Head(ctx context.Context) (pdx.Head, error)
	// Send brings one message of the account into a block and decodes what its
	// handler answered. A *Refusal is the chain's own answer.
	Send(ctx context.Context, msg sdk.Msg, answer proto.Message) error
	// Span returns the first block that the chain still has, and the last one whose
	// state queries see.
	Span(ctx context.Context) (first, last int64, err error)
	// Block returns a block within Span.
	Block(ctx context.Context, height int64) (Block, error)
	// Wait returns nil when the block of that height may exist, or the context's error.
	Wait(ctx context.Context, height int64) error
}

// A Ledger is a chain in terms of package pdx's types, for one account.
type Ledger struct {
	account pdx.Address
	backend Backend
	bank    banktypes.QueryClient
	query   types.QueryClient
}

// NewLedger returns a Ledger over backend, which signs as account; empty for a reader.
func NewLedger(account pdx.Address, backend Backend) *Ledger {
	return &Ledger{
		account: account, backend: backend,
		bank: banktypes.NewQueryClient(backend), query: types.NewQueryClient(backend),
	}
}

// Account returns the address that signs transactions; empty for a reader.
func (l *Ledger) Account() pdx.Address { return l.account }
