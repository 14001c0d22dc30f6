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
	// ListData lists a page of the data by name, and the cursor of the next page.
	ListData(ctx context.Context, p model.Page) (list []model.Data, next string, err error)
	// DataName is the name of registered data, "" if it was removed.
	DataName(ctx context.Context, id string) (string, error)
	GetData(ctx context.Context, idOrName string) (model.Data, error)
	RemoveData(ctx context.Context, idOrName string) error
}

// Seller is what the API does with sales.
type Seller interface {
	Data
	Preview(ctx context.Context, o model.Order, report func(pdx.Progress)) (model.Preview, error)
	Sell(ctx context.Context, o model.Order) (model.Sale, error)
	// Cancel withdraws the offer of a deal.
	Cancel(ctx context.Context, deal pdx.DealID) error
	// SaleOf is the sale of a deal, in progress or settled.
	SaleOf(ctx context.Context, deal pdx.DealID) (model.Sale, error)
	// WithdrawConsent records that the owner no longer agrees to a deal, and ends it where
	// that is possible.
	WithdrawConsent(ctx context.Context, deal pdx.DealID) (model.ConsentEnd, error)
	// ListSales lists a page of all sales, oldest first, and the cursor of the next page.
	ListSales(ctx context.Context, p model.Page) (list []model.Sale, next string, err error)
	// PruneSales forgets sales that ended before a time; see model.Prune.
	PruneSales(ctx context.Context, p model.Prune) (model.PrunedSales, error)
	// Changes yields the sales in progress, and then each that changes.
	Changes(ctx context.Context) iter.Seq[model.Sale]
}

// Buyer is what the API does with pools and pulls.
type Buyer interface {
	CreatePool(ctx context.Context, r model.PoolRequest) (pdx.Pool, error)
	ClosePool(ctx context.Context, r model.ClosePool) (model.ClosedPool, error)
	Pull(ctx context.Context, o model.PullOrder) (model.Ordered, error)
	// Challenge has the validators that promised a deal's ciphertext show these chunks of it,
	// or random ones.
	Challenge(ctx context.Context, id pdx.DealID, chunks []uint64) (model.Challenged, error)
	// Pulled is a deal that this account bought, as it is now.
	Pulled(ctx context.Context, id pdx.DealID) (p model.Pull, ok bool, err error)
	// ListPulls lists a page of a pool's deals (0 for all pools) by number, and the cursor
	// of the next page.
	ListPulls(ctx context.Context, pool pdx.PoolID, p model.Page) (list []model.Pull, next string, err error)
	// PrunePulls forgets pulls that ended before a time; see model.Prune.
	PrunePulls(ctx context.Context, p model.Prune) (model.PrunedPulls, error)
	// OpenPool makes plain files of what was bought in a pool, and says how far a step is.
	OpenPool(ctx context.Context, o model.PlainOrder, report func(pdx.Progress)) (model.Plain, error)
	// Changes yields the deals in progress, and then each that changes.
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
	Consents   Consents
	Erasures   Erasures
	Book       Book
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
	consents   Consents
	erasures   Erasures
	book       Book
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
		consents: c.Consents, erasures: c.Erasures, book: c.Book,
	}, nil
}
