package web

import (
	"context"
	"net/http"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// Reader is the part of the API that changes nothing. The page gets no more.
type Reader interface {
	Status(context.Context, *nodepb.StatusRequest) (*nodepb.StatusResponse, error)
	Peers(context.Context, *nodepb.PeersRequest) (*nodepb.PeersResponse, error)
	ListPools(context.Context, *nodepb.ListPoolsRequest) (*nodepb.ListPoolsResponse, error)
	GetPool(context.Context, *nodepb.GetPoolRequest) (*nodepb.GetPoolResponse, error)
	ListValidators(context.Context, *nodepb.ListValidatorsRequest) (*nodepb.ListValidatorsResponse, error)
	GetValidator(context.Context, *nodepb.GetValidatorRequest) (*nodepb.GetValidatorResponse, error)
	ListData(context.Context, *nodepb.ListDataRequest) (*nodepb.ListDataResponse, error)
	ListSales(context.Context, *nodepb.ListSalesRequest) (*nodepb.ListSalesResponse, error)
	ListPulls(context.Context, *nodepb.ListPullsRequest) (*nodepb.ListPullsResponse, error)
	ListDeals(context.Context, *nodepb.ListDealsRequest) (*nodepb.ListDealsResponse, error)
	GetDeal(context.Context, *nodepb.GetDealRequest) (*nodepb.GetDealResponse, error)
}

// allowed are the paths of those methods; the guard lets nothing else pass.
var allowed = map[string]bool{
	nodepbconnect.NodeServiceStatusProcedure:         true,
	nodepbconnect.NodeServicePeersProcedure:          true,
	nodepbconnect.NodeServiceListPoolsProcedure:      true,
	nodepbconnect.NodeServiceGetPoolProcedure:        true,
	nodepbconnect.NodeServiceListValidatorsProcedure: true,
	nodepbconnect.NodeServiceGetValidatorProcedure:   true,
	nodepbconnect.NodeServiceListDataProcedure:       true,
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
