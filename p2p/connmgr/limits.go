package connmgr

import "time"

const (
	// low and high bound the connections of a node, which keeps those to the DHT's
	// buckets (about 20 × log2 of the network) and to the peers of its pools. Above
	// high, connections are closed until low are left besides the protected ones and
	// those within their grace.
	low, high = 160, 320
	// grace is how long a new connection is not touched.
	grace = time.Minute

	// maxProtected is how many peers of one address group are protected at a time: half
	// of the connections that the resource manager allows a group (transport.addressConns).
	maxProtected = 32
	// stallTime is how long a transfer may move nothing before it protects its peer no
	// longer: several round trips, and less than the interval between two trims.
	stallTime = 5 * time.Second
	// allowance is how long a peer without a deal may be protected at a stretch for what
	// it asked for. At 1 MiB/s it has the largest document in 8 seconds.
	allowance = time.Minute
	// refill is the part of the time without protection by which an allowance grows. One
	// that was used up counts again from resumeAt on: a peer that asks for ever is open
	// to 30 trims before it is protected again.
	refill   = 0.1
	resumeAt = allowance / 2
	// sweepEvery is the interval at which stalls and allowances are checked.
	sweepEvery = time.Second

	// crowdWeight is what each connection of an address group takes from the value of the
	// peers of the group that came later. It exceeds what a stranger gets from the DHT for
	// being in its table, 5, and crowdMost is less than DealWeight and ValidatorWeight.
	crowdWeight = 10
	crowdMost   = 640
	// tableWeight is the value of a peer that a library wants protected for being in a
	// table: a crowd loses it from the eleventh connection on.
	tableWeight = 100
)

// Tags of peers, and their weights. They exceed everything else that tags add up to:
// first deliveries of notices are worth at most 15 in each of 256 topics.
const (
	// Deal marks the counterparty of a live deal. Its requests count as this node's own
	// work.
	Deal       = "pdx.deal"
	DealWeight = 10_000
	// Validator marks the peer that a validator has on chain.
	Validator       = "pdx.validator"
	ValidatorWeight = 5_000
)

// The tags under which this package itself appears in libp2p's manager.
const (
	workTag  = "pdx.work"
	crowdTag = "pdx.crowd"
	tableTag = "pdx.table"
)
