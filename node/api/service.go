package api

import (
	"context"
	"iter"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/seller"
)

// Data is what the API does with data that may be sold.
type Data interface {
	AddData(ctx context.Context, path, name, mediaType string, show func(done, size uint64)) (seller.Data, error)
	ListData(ctx context.Context) ([]seller.Data, error)
	GetData(ctx context.Context, idOrName string) (seller.Data, error)
	RemoveData(ctx context.Context, idOrName string) error
}

// Seller is what the API does with sales.
type Seller interface {
	Data
	Preview(ctx context.Context, o seller.Order, show func(step string, done, size uint64)) (seller.Preview, error)
	Sell(ctx context.Context, o seller.Order) (seller.Sale, error)
	Sales() []seller.Sale
	Changes(ctx context.Context) iter.Seq[seller.Sale]
}

// Buyer is what the API does with pools and pulls.
type Buyer interface {
	CreatePool(ctx context.Context, r buyer.PoolRequest) (pdx.Pool, error)
	ClosePool(ctx context.Context, id pdx.PoolID) (refund pdx.Amount, err error)
	Pull(ctx context.Context, o buyer.Order) error
	Pulls(pool pdx.PoolID) []buyer.Pull
	Changes(ctx context.Context) iter.Seq[buyer.Pull]
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

// NewService wires a Service.
func NewService(c Config) *Service {
	return &Service{
		account: c.Account, node: c.Node, paths: c.Paths, transfers: c.Transfers, ledger: c.Ledger, validators: c.Validators,
		seller: c.Seller, buyer: c.Buyer, backups: c.Backups,
	}
}
