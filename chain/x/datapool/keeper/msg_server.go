package keeper

import "github.com/medibloc/pdx/chain/x/datapool/types"

// msgServer takes the messages; each has a file of its own. Every handler
// checks the message again as ValidateBasic does: one that comes from another
// module, by governance or authz, has not been through a transaction's checks.
type msgServer struct{ Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer serves the module's messages.
func NewMsgServer(k Keeper) types.MsgServer { return msgServer{Keeper: k} }
