package gossip

import (
	"time"

	"github.com/medibloc/pdx/internal/ratelimit"
)

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

	// maxAuthors bounds the authors that are told apart, 100 bytes each. An author is forgotten
	// as soon as its bucket is full again, a second after its notice, so that others share a
	// bucket only while 8,192 publish in a second: 32 address groups at their limit.
	maxAuthors = 8192

	// maxForwarders bounds the peers and the address groups that are told apart in each
	// limit, 100 bytes each: more than a node has connections.
	maxForwarders = 4096
	// maxDoubts bounds the deals that peers named and this node does not know yet: those of
	// a minute at 64 a second. maxDoubted bounds the peers that are remembered for each,
	// 50 bytes each: the mesh's degree, and some that publish to all.
	maxDoubts, maxDoubted = 4096, 16
	// silence is how long a peer stays silenced. It costs that peer all it could flood
	// with, and an honest one only hints.
	silence = 20 * time.Minute
	// silencedScore is below graylistThreshold by more than what good conduct earns in
	// 256 topics (11 each), so that it counts at once.
	silencedScore = graylistThreshold - 10_000

	// maxTopicsPerPeer bounds the tracked subscriptions of one peer, and maxPeers the
	// peers whose subscriptions are tracked, which must be connected: 256 × 1,024 pool
	// ids are about 10 MiB at worst. A validator of more pools is tracked in the first 256.
	maxTopicsPerPeer = 256
	maxPeers         = 1024
	// maxSubscriptionsPerRPC bounds one announcement of subscriptions.
	maxSubscriptionsPerRPC = 2 * maxTopicsPerPeer
	// MaxJoined bounds the pools that this node joins: no more than peers track.
	MaxJoined = maxTopicsPerPeer

	// pending bounds the notices that wait for Next; newer ones are dropped.
	pending = 64
	// validators bounds the notices of a pool that are checked at once, and queued those
	// of all pools that wait for their first signature check; the mesh drops what is
	// beyond. They hold the bursts of two and of eight peers (peerMessages), and with them
	// all questions to the chain that can be open at once: 64 + 16 × validateTimeout.
	validators = 512
	queued     = 2048
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

var (
	// authorNotices bounds the notices of one author: a seller announces each offer once, a
	// validator its queue at intervals.
	authorNotices = ratelimit.Rate{PerSecond: 1, Burst: 32}
	// peerMessages bounds the messages that one peer may send. 256 pools with 10
	// validators each, which publish once a minute, are 43 a second; the burst is six
	// seconds of that. Two signatures a message, 0.2 ms, make 1.3 % of one CPU. A message
	// counts once more for each maxNotice of its length.
	peerMessages = ratelimit.Rate{PerSecond: 64, Burst: 256}
	// groupMessages is the same for a public address group: four such peers.
	groupMessages = ratelimit.Rate{PerSecond: 256, Burst: 1024}
	// allQuestions bounds the questions to the chain that all topics together cause.
	// An answer is cached for a minute, so 16 a second follow 960 deals a minute, and an
	// endpoint serves some hundred a second.
	allQuestions = ratelimit.Rate{PerSecond: 16, Burst: 64}
	// peerQuestions and groupQuestions leave the most of that to others. Six peers of a
	// mesh may cause 12 a second together.
	peerQuestions  = ratelimit.Rate{PerSecond: 2, Burst: 32}
	groupQuestions = ratelimit.Rate{PerSecond: 4, Burst: 64}
	// ignoredNotices are those of one peer that may name what the chain does not know:
	// some at once when this node's view of the chain is behind, and one in 5 s, the
	// time of a block. The next one silences the peer. A deal that turns out to exist no
	// longer counts, so that what counts are at most the new deals of one lag.
	ignoredNotices = ratelimit.Rate{PerSecond: 0.2, Burst: 64}
)
