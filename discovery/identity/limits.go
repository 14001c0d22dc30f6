package identity

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/stream"
)

const (
	// challengeLen is the length of a challenge in bytes: it never repeats.
	challengeLen = 32
	// maxFrame bounds a frame. The longest honest one is a binding: chain id 50,
	// account 90, two peer ids of 64, challenge 32, key 33, signature 64, expiry
	// and tags 30, are 427 bytes.
	maxFrame = 1024
	// streamMemory is reserved for a stream: one frame as it is read, once more
	// as it is decoded, and the reader's buffer.
	streamMemory = 3 * maxFrame
	// handshakeTimeout ends a handshake: two round trips over a bad relayed path
	// and two signatures.
	handshakeTimeout = 10 * time.Second

	// maxKnown bounds the remembered accounts of peers that this node answered or
	// greeted, about 300 bytes each. A pool's buyer may deal with thousands of sellers; a
	// forgotten one is asked again.
	maxKnown = 8192
	// maxStrangers bounds the remembered accounts of peers that were not answered. They
	// have a cache of their own, because a key costs nothing: strangers cannot flush the
	// others.
	maxStrangers = 2048
	// introductionLife is how long an introduction to a peer lasts on one connection. A
	// peer that restarts has a new connection; one whose cache is full may forget.
	introductionLife = 10 * time.Minute
)

// limits of greetings served. An honest peer needs one at a time, and a second after a
// reset that it has not noticed; half are for other address groups. A peer greets once
// per binding, which counts for hours: 5 a second serve 200,000 peers behind one
// address. A greeting costs a signature and a check, about 0.2 ms: 200 a second are 4 %
// of a core. 4,096 groups take about 100 bytes each.
var limits = stream.Limits{
	Slots: 128, PerPeer: 2, PerGroup: 64, Memory: streamMemory, Priority: network.ReservationPriorityMedium, Frame: maxFrame,
	Rate: ratelimit.Rate{PerSecond: 5, Burst: 64}, TotalRate: ratelimit.Rate{PerSecond: 200, Burst: 400}, Cost: 1, Groups: 4096,
}
