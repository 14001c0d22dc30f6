package api

import (
	"context"

	"github.com/medibloc/pdx"
)

// Ledger is what the API shows of the chain.
type Ledger interface {
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
	Pools(ctx context.Context, f pdx.PoolFilter) (pools []pdx.Pool, next string, err error)
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
	Withdraw(ctx context.Context) (pdx.Amount, error)
}

// Validators is what the API shows and does of validators on the chain.
type Validators interface {
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	Validators(ctx context.Context) ([]pdx.Validator, error)
	RegisterValidator(ctx context.Context, v pdx.Validator) error
}

// Node tells about the process itself.
type Node interface {
	// Status is how the node is; what cannot be learnt now is in its health.
	Status(ctx context.Context) Status
	// Peers are the peers connected now.
	Peers(ctx context.Context) []Peer
	// Contact is where a validator is to be found: peer id and multiaddrs.
	Contact() (peerID string, addresses []string)
	// Criteria fetches the criteria document of a pool.
	Criteria(ctx context.Context, pool pdx.Pool) ([]byte, error)
}
