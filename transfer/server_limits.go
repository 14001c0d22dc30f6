package transfer

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/stream"
)

// serverLimits are the numbers of a server that a peer can feel. They are not
// configuration: tests shorten the times.
type serverLimits struct {
	// readers bounds the streams whose request has not come. Each costs two buffers and
	// a goroutine, about 80 KiB: 128 of them 10 MiB. When there are more, the oldest is
	// evicted.
	readers int
	// bodies is how many upload slots there are: streams that are sent segments at a
	// time; others wait. Each costs bodyMemory: 64 of them 12 MiB, and 48 MiB with the
	// three times as many that may be stalled beside them (bodiesPerSlot). Four streams
	// fill a short path and 32 the longest, so that 64 serve 2 to 16 pullers at once, and
	// all others in grants of at most 16 MiB: the next slot goes to the peer that has the
	// fewest.
	bodies int
	// waiters bounds the streams that wait for a slot, in all and of one address; each
	// costs as much as a reader. At one grant a second for each of 64 slots 512 wait 8 s.
	waiters, waitersOfAddress int
	// queueTime bounds the wait for a slot: less than a puller's statusTime.
	queueTime time.Duration
	// pauseTime is how long a peer may stop reading before its slot is lent to another: a
	// crowd of 250 that ask and do not read delays the next for less than a second. It is
	// about a round trip, and takes nothing from a peer that pauses.
	// impatience is how long an upload may be stalled while others wait: a peer that
	// takes less than 32 KiB/s had better be served when fewer do. A peer that was evicted
	// comes after all others for lateTime.
	pauseTime, impatience, lateTime time.Duration
	// leastBody is what each body gets of an upload limit, in bytes a second: a
	// segment in 2 seconds. Under a limit there are so few slots that it does.
	leastBody uint64
	// allowTime is how long the authorizer's yes holds on one stream: long enough that
	// a pull does not ask the ledger for each of 64 requests a second, short enough
	// that a no comes soon.
	allowTime time.Duration
	// rate and burst bound the requests of one address, in requests a second.
	// Honest pulls ask half a second's worth at a time, on up to 32 lanes: 64
	// requests a second, and 128 at 16 MiB are 2 GiB/s from one address.
	// A root that is asked for and not sent costs the address a token too, and the
	// peer one of as many: one stranger learns that 128 roots a second are not here,
	// however many it puts into a frame and whatever addresses it uses.
	rate, burst float64
	// addresses bounds the addresses, and the peers, whose rates are remembered,
	// about 100 bytes each.
	addresses int
	// requestTime bounds the wait for a whole request frame: it fits in one packet, so
	// this is the slowest tolerable round trip, many times over.
	requestTime time.Duration
	// authorizeTime bounds the authorizer, which may have to ask a ledger; for a frame that
	// asks for many blobs, all its answers together.
	authorizeTime time.Duration
	// authorizations is how many of such a frame's roots the authorizer is asked about at a time:
	// enough that a wait for a disk or a ledger is not waited a hundred times.
	authorizations int
	// stallTime bounds the wait for the puller to take the next writeStep bytes.
	stallTime time.Duration
	// slowest is the rate in bytes a second below which a body is cut off:
	// one segment in 4 seconds, less than any line on which a pull makes sense.
	slowest uint64
	// answerTime bounds the writing of a status that refuses.
	answerTime time.Duration
	// retryAfter is what a busy server asks for: the time in which some of the
	// slots have changed hands.
	retryAfter time.Duration
	// pollTime is how often a waiter looks for stalled uploads.
	pollTime time.Duration
}

func defaultServerLimits() serverLimits {
	return serverLimits{
		readers:          128,
		bodies:           64,
		waiters:          512,
		waitersOfAddress: 128,
		queueTime:        15 * time.Second,
		pauseTime:        100 * time.Millisecond,
		impatience:       2 * time.Second,
		lateTime:         time.Minute,
		leastBody:        LeastUpload,
		allowTime:        5 * time.Second,
		rate:             128,
		burst:            512,
		addresses:        4096,
		requestTime:      10 * time.Second,
		authorizeTime:    10 * time.Second,
		authorizations:   8,
		stallTime:        30 * time.Second,
		slowest:          16 << 10,
		answerTime:       2 * time.Second,
		retryAfter:       time.Second,
		pollTime:         100 * time.Millisecond,
	}
}

// debts bounds what is owed for roots that were not sent, in bursts: 4,096 tokens,
// which take 32 s to come back. It is less than a puller's patience, so an honest one
// that asked for thousands of roots too early gets them in the end.
const debts = 8

// tokens is the rate of one address group and of one peer.
func (l serverLimits) tokens() ratelimit.Rate {
	return ratelimit.Rate{PerSecond: l.rate, Burst: l.burst, Debt: debts * l.burst}
}

// streams are the limits that the server kit holds. Tokens are for requests, and slots
// for bodies, so that a stream by itself costs memory only.
func (l serverLimits) streams() stream.Limits {
	return stream.Limits{
		Memory: readMemory, Priority: network.ReservationPriorityMedium, Frame: MaxFrame, Rate: l.tokens(), Groups: l.addresses,
	}
}

// slotsAt returns how many bodies are sent at a time under that upload limit.
func (l serverLimits) slotsAt(rate uint64) int {
	if rate == 0 {
		return l.bodies
	}
	return int(min(max(1, rate/l.leastBody), uint64(l.bodies)))
}

// bodyTime bounds the time of a whole body of n bytes.
func (l serverLimits) bodyTime(n uint64) time.Duration {
	return l.stallTime + time.Duration(n/l.slowest)*time.Second
}
