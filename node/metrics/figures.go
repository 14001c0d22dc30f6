package metrics

import (
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/p2p/relay"
)

// Figures are what a node knows of itself at one moment, without asking anybody.
type Figures struct {
	Version string
	Started time.Time
	Health  []api.Health

	Handled     int64 // height of the last block that the node handled
	Head        chainview.Value[pdx.Head]
	GasPrice    client.GasPrice
	ClockAhead  time.Duration // by how much this machine's clock is ahead of the blocks; 0 if that is not known
	Funds       chainview.Value[chainview.Funds]
	OtherSigner time.Time // when another program last signed for the account; zero: never seen

	Sales      []model.Sale // in progress
	StuckSales int          // of these
	Pulls      []model.Pull // in progress
	StuckPulls int          // of these
	LostPools  int          // pools of this account whose keys are not here

	Validator *Validator // nil: the node does not play that role

	Connections map[Connection]int
	Peers       int
	DHT         discovery.DHTState
	DHTPeers    int // in the routing table
	Topics      int // pools whose topic the node has joined
	Relays      int // that this node is reached through
	Relay       relay.Usage

	Space       *durable.Space // of the home's disk; nil if that cannot be learnt
	DamagedRows int
}

// Validator are the figures of that role.
type Validator struct {
	OnChain     *pdx.Validator // nil: not registered, or not known yet
	Duties      int            // draws without a verdict yet
	Kept, Quota uint64         // bytes of ciphertext
	Missing     int            // promised ciphertexts that are not here
}

// Connection is a kind of connection.
type Connection struct{ Inbound, Relayed bool }
