package transfer

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/p2p/stream"
)

// serverLimits are the numbers of a server that a peer can feel. They are not
// configuration: tests shorten the times.
type serverLimits struct {
	// readers bounds the streams that have not said yet what they want. Each
	// costs two buffers and a goroutine, about 80 KiB: 128 of them 10 MiB. When
	// there are more, the oldest goes.
	readers int
	// bodies bounds the streams that are sent segments at a time; others wait for
	// their turn. Each costs bodyMemory: 64 of them 12 MiB, and 48 MiB with the three
	// times as many that may pause beside them (bodiesPerPlace). Four lanes fill a
	// short path and 32 the longest, so that 64 serve 2 to 16 pullers at once, and all
	// others in turns of at most 16 MiB: the next place is that of who has the fewest.
	bodies int
	// waiters bounds who waits for a turn, in all and of one address; each costs as
	// much as a reader. At one turn a second for each of 64 places 512 wait 8 s.
	waiters, waitersOfAddress int
	// queueTime bounds the wait for a turn: less than a puller's statusTime.
	queueTime time.Duration
	// pauseTime is after which the place of a peer that takes nothing is another's
	// until it does: a crowd of 250 that ask and do not read keeps the next waiting
	// for less than a second. It is about a round trip, and takes nothing from who
	// pauses.
	// impatience is how long the peer that has the turn may take nothing while
	// others wait: who takes less than 32 KiB/s had better be served when fewer do.
	// Who took longer comes after all others for lateTime.
	pauseTime, impatience, lateTime time.Duration
	// leastBody is what each body gets of an upload limit, in bytes a second: a
	// segment in 2 seconds. Under a limit there are so few places that it does.
	leastBody uint64
	// allowTime is how long the gate's yes holds on one stream: long enough that
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
	// gateTime bounds the gate, which may have to ask a ledger; for a frame that
	// asks for many blobs, all its answers together.
	gateTime time.Duration
	// gates is how many of such a frame's roots the gate is asked about at a time:
	// enough that a wait for a disk or a ledger is not waited a hundred times.
	gates int
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
	// pollTime is how often who waits for a turn looks for who stalls in one.
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
		gateTime:         10 * time.Second,
		gates:            8,
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
func (l serverLimits) tokens() stream.Rate {
	return stream.Rate{PerSecond: l.rate, Burst: l.burst, Debt: debts * l.burst}
}

// streams are the limits that the server kit holds. Tokens are for requests, and slots
// for bodies, so that a stream by itself costs memory only.
func (l serverLimits) streams() stream.Limits {
	return stream.Limits{
		Memory: readMemory, Priority: network.ReservationPriorityMedium, Frame: MaxFrame, Rate: l.tokens(), Groups: l.addresses,
	}
}

// placesAt is how many bodies are sent at a time under that upload limit.
func (l serverLimits) placesAt(rate uint64) int {
	if rate == 0 {
		return l.bodies
	}
	return int(min(max(1, rate/l.leastBody), uint64(l.bodies)))
}

// bodyTime bounds a whole body of n bytes.
func (l serverLimits) bodyTime(n uint64) time.Duration {
	return l.stallTime + time.Duration(n/l.slowest)*time.Second
}
