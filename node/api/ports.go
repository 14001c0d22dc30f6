package api

import (
	"context"
	"iter"
	"time"

	"github.com/medibloc/pdx"
)

// Ledger is what the API shows of the chain.
type Ledger interface {
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
	Pools(ctx context.Context, f pdx.PoolFilter) (pools []pdx.Pool, next string, err error)
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
	Withdraw(ctx context.Context) (pdx.Amount, error)
	// SaleFees estimates what a seller pays in fees for one deal.
	SaleFees() pdx.Amount
}

// Validators is what the API shows and does of validators on the chain.
type Validators interface {
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	Validators(ctx context.Context) ([]pdx.Validator, error)
	RegisterValidator(ctx context.Context, v pdx.Validator) error
	UpdateValidator(ctx context.Context, v pdx.Validator) error
	AddBond(ctx context.Context, amount pdx.Amount) error
	SetCommission(ctx context.Context, basisPoints uint32) error
	// Unbond returns when the bond is free at the earliest.
	Unbond(ctx context.Context) (free time.Time, err error)
	Unjail(ctx context.Context) error
}

// Node is the process itself.
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

// Paths measures the ways to peers.
type Paths interface {
	// Connect connects to a peer and returns how it is reached. The peer is named by its id, a multiaddr
	// that ends in one, or the account that it speaks for.
	Connect(ctx context.Context, peer string) (Peer, error)
	// Ping yields round trips to a peer, by its id, until ctx ends.
	Ping(ctx context.Context, peerID string) iter.Seq2[time.Duration, error]
	// Perf sends and receives that many bytes and reports progress.
	Perf(ctx context.Context, peerID string, up, down uint64, progress func(Measured)) error
}

// Measured is how far one direction of a measurement is.
type Measured struct {
	Direction string // up or down
	Bytes     uint64
	Took      time.Duration
	Done      bool
}
