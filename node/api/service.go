package api

import (
	"context"
	"fmt"
	"iter"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
	"github.com/medibloc/pdx/node/model"
)

// Data is what the API does with data that may be sold.
type Data interface {
	AddData(ctx context.Context, path, name, mediaType string, report func(pdx.Progress)) (model.Data, error)
	ListData(ctx context.Context) ([]model.Data, error)
	GetData(ctx context.Context, idOrName string) (model.Data, error)
	RemoveData(ctx context.Context, idOrName string) error
}

// Seller is what the API does with sales.
type Seller interface {
	Data
	Preview(ctx context.Context, o model.Order, report func(pdx.Progress)) (model.Preview, error)
	Sell(ctx context.Context, o model.Order) (model.Sale, error)
	Sales() []model.Sale
	Changes(ctx context.Context) iter.Seq[model.Sale]
}

// Buyer is what the API does with pools and pulls.
type Buyer interface {
	CreatePool(ctx context.Context, r model.PoolRequest) (pdx.Pool, error)
	ClosePool(ctx context.Context, id pdx.PoolID) (refund pdx.Amount, err error)
	Pull(ctx context.Context, o model.PullOrder) (model.Ordered, error)
	// Pulled is a deal that this account bought, as it is now.
	Pulled(id pdx.DealID) (p model.Pull, ok bool)
	Pulls(pool pdx.PoolID) []model.Pull
	Changes(ctx context.Context) iter.Seq[model.Pull]
}

// Config is what a Service speaks to; all must be given.
type Config struct {
	Account    pdx.Address
	Node       Node
	Paths      Paths
	Transfers  Transfers
	Ledger     Ledger
	Validators Validators
	Seller     Seller
	Buyer      Buyer
	Backups    Backups
}

// Service implements the service definition. It is safe for concurrent use.
type Service struct {
	account    pdx.Address
	node       Node
	paths      Paths
	transfers  Transfers
	ledger     Ledger
	validators Validators
	seller     Seller
	buyer      Buyer
	backups    Backups
}

var _ nodepbconnect.NodeServiceHandler = (*Service)(nil)

// New wires a Service.
func New(c Config) (*Service, error) {
	if err := need.All(c); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return &Service{
		account: c.Account, node: c.Node, paths: c.Paths, transfers: c.Transfers, ledger: c.Ledger,
		validators: c.Validators, seller: c.Seller, buyer: c.Buyer, backups: c.Backups,
	}, nil
}
