package web

import (
	"context"
	"net/http"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// Reader is the part of the API that changes nothing. Browsers call it by its own paths.
type Reader interface {
	Status(context.Context, *nodepb.StatusRequest) (*nodepb.StatusResponse, error)
	Peers(context.Context, *nodepb.PeersRequest) (*nodepb.PeersResponse, error)
	ListTransfers(context.Context, *nodepb.ListTransfersRequest) (*nodepb.ListTransfersResponse, error)
	ListPools(context.Context, *nodepb.ListPoolsRequest) (*nodepb.ListPoolsResponse, error)
	GetPool(context.Context, *nodepb.GetPoolRequest) (*nodepb.GetPoolResponse, error)
	ListValidators(context.Context, *nodepb.ListValidatorsRequest) (*nodepb.ListValidatorsResponse, error)
	GetValidator(context.Context, *nodepb.GetValidatorRequest) (*nodepb.GetValidatorResponse, error)
	ListData(context.Context, *nodepb.ListDataRequest) (*nodepb.ListDataResponse, error)
	GetData(context.Context, *nodepb.GetDataRequest) (*nodepb.GetDataResponse, error)
	ListSales(context.Context, *nodepb.ListSalesRequest) (*nodepb.ListSalesResponse, error)
	ListPulls(context.Context, *nodepb.ListPullsRequest) (*nodepb.ListPullsResponse, error)
	ListDeals(context.Context, *nodepb.ListDealsRequest) (*nodepb.ListDealsResponse, error)
	GetDeal(context.Context, *nodepb.GetDealRequest) (*nodepb.GetDealResponse, error)
}

// Actor is the part of the API that actions use, which no path leads to. What spends is
// behind a confirmed sum.
type Actor interface {
	Preview(ctx context.Context, r *nodepb.PreviewSaleRequest, report func(pdx.Progress)) (*nodepb.PreviewSaleResponse, error)
	Register(ctx context.Context, r *nodepb.AddDataRequest, report func(pdx.Progress)) (*nodepb.Data, error)
	RemoveData(context.Context, *nodepb.RemoveDataRequest) (*nodepb.RemoveDataResponse, error)
	Sell(context.Context, *nodepb.SellRequest) (*nodepb.SellResponse, error)
	CancelSale(context.Context, *nodepb.CancelSaleRequest) (*nodepb.CancelSaleResponse, error)
	CreatePool(context.Context, *nodepb.CreatePoolRequest) (*nodepb.CreatePoolResponse, error)
	ClosePool(context.Context, *nodepb.ClosePoolRequest) (*nodepb.ClosePoolResponse, error)
	Pull(context.Context, *nodepb.PullRequest) (*nodepb.PullResponse, error)
	Withdraw(context.Context, *nodepb.WithdrawRequest) (*nodepb.WithdrawResponse, error)
	AddBond(context.Context, *nodepb.AddBondRequest) (*nodepb.AddBondResponse, error)
	Unjail(context.Context, *nodepb.UnjailRequest) (*nodepb.UnjailResponse, error)
}

// API is all that the page gets of a node.
type API interface {
	Reader
	Actor
}

// readable are the paths of the Reader's methods; the guard lets no other call pass.
var readable = map[string]bool{
	nodepbconnect.NodeServiceStatusProcedure:         true,
	nodepbconnect.NodeServicePeersProcedure:          true,
	nodepbconnect.NodeServiceListTransfersProcedure:  true,
	nodepbconnect.NodeServiceListPoolsProcedure:      true,
	nodepbconnect.NodeServiceGetPoolProcedure:        true,
	nodepbconnect.NodeServiceListValidatorsProcedure: true,
	nodepbconnect.NodeServiceGetValidatorProcedure:   true,
	nodepbconnect.NodeServiceListDataProcedure:       true,
	nodepbconnect.NodeServiceGetDataProcedure:        true,
	nodepbconnect.NodeServiceListSalesProcedure:      true,
	nodepbconnect.NodeServiceListPullsProcedure:      true,
	nodepbconnect.NodeServiceListDealsProcedure:      true,
	nodepbconnect.NodeServiceGetDealProcedure:        true,
}

// refusing answers every method with "unimplemented".
type refusing struct {
	nodepbconnect.UnimplementedNodeServiceHandler
}

// readOnly is a whole service that can only read: the Reader's methods are embedded at
// a lower depth than those of refusing, and take precedence.
type readOnly struct {
	refusing
	Reader
}

func newRPC(reader Reader, more []connect.HandlerOption) http.Handler {
	options := append([]connect.HandlerOption{connect.WithReadMaxBytes(maxRequest)}, more...)
	_, handler := api.NewHandler(readOnly{Reader: reader}, options...)
	return handler
}
