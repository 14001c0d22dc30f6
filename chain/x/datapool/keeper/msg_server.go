package keeper

import (
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// msgServer takes the messages; each has a file of its own.
type msgServer struct {
	Keeper
	*types.UnimplementedMsgServer
}

// NewMsgServer serves the module's messages.
func NewMsgServer(k Keeper) types.MsgServer { return msgServer{Keeper: k} }
