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
	// Receipt is the document that proves a deal's record.
	Receipt(ctx context.Context, id pdx.DealID) ([]byte, error)
	Withdraw(ctx context.Context) (pdx.Amount, error)
	// SaleFees estimates what a seller pays in fees for one deal.
	SaleFees() pdx.Amount
	// Fees estimates the fee of each message by its name.
	Fees() map[string]pdx.Amount
}
