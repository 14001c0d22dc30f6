package gossip

import "time"

const (
	// maxNotice bounds the payload of a message: a binding of 427 bytes, see
	// discovery/identity, and a body of 50.
	maxNotice = 1024
	// maxMessageSize bounds one RPC of the mesh, which may bundle notices and
	// gossip about them; the library's own 1 MiB is meant for larger messages.
	maxMessageSize = 64 << 10

	// maxAge is how old a notice may be, and maxSkew how far in the future: the
	// mesh delivers in seconds, clocks differ by more.
	maxAge  = 2 * time.Minute
	maxSkew = time.Minute
	// seenTTL is how long message ids are remembered: longer than a notice can be
	// fresh, so that none is delivered twice.
	seenTTL = maxAge + maxSkew + time.Minute

	// authorRate and authorBurst bound one author's notices, in notices a second:
	// a seller announces each offer once, a validator its queue at intervals.
	authorRate  = 1
	authorBurst = 32
	// maxAuthors bounds the authors whose rate is remembered, 100 bytes each.
	maxAuthors = 8192

	// maxTopicsPerPeer bounds the tracked subscriptions of one peer, and maxPeers the
	// peers whose subscriptions are tracked: 256 × 1,024 pool ids are
	// about 10 MiB at worst. A validator of more pools is tracked in the first 256.
	maxTopicsPerPeer = 256
	maxPeers         = 1024
	// maxSubscriptionsPerRPC bounds one announcement of subscriptions.
	maxSubscriptionsPerRPC = 2 * maxTopicsPerPeer
	// maxJoined bounds the pools that this node joins: no more than peers track.
	maxJoined = maxTopicsPerPeer

	// pending bounds the notices that wait for Next; newer ones are dropped.
	pending = 64
	// validators bounds the notices of a pool that are checked at once; a check
	// costs one signature, 0.1 ms, and a cached read of the chain.
	validators = 32
	// validateTimeout ends a check whose Roles does not answer; the notice is ignored.
	validateTimeout = 2 * time.Second

	// wantedPeers is how many of a pool's peers are sought: the mesh's own degree.
	wantedPeers = 6
	// gatherInterval is how often they are counted; a search is made only when
	// there are fewer. The first searches follow each other faster, from
	// gatherSoon on.
	gatherInterval = 5 * time.Minute
	gatherSoon     = time.Second
	// gatherTimeout bounds one search and its dials.
	gatherTimeout = 30 * time.Second

	// renewBefore is how long before a binding ends a new one is signed.
	renewBefore = time.Hour
)
