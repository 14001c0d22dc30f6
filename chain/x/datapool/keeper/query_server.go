package keeper

import (
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// queryServer answers the queries.
type queryServer struct {
	k Keeper
	*types.UnimplementedQueryServer
}

// NewQueryServer serves the module's queries.
func NewQueryServer(k Keeper) types.QueryServer { return queryServer{k: k} }
