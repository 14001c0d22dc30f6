package validation

import (
	"time"

	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/stream"
)

const (
	// maxRequest bounds a request frame: deal id 11, opening 34, proof 66 bytes,
	// and as much again for fields that a later version may add.
	maxRequest = 256

	// maxFindings, maxText and maxMessage bound what a verdict may say, in
	// findings and bytes; they are cut by the sender and again by the reader.
	maxFindings = 64
	maxText     = 256
	maxMessage  = 1024

	// maxProgress bounds a progress frame: maxFindings × (2 × maxText + 20 of
	// framing) = 34 KiB, message 1 KiB, numbers below 100 bytes; rounded up.
	maxProgress = 64 << 10

	// streamsEach is how many streams one asker may have open: as many as libp2p lets a
	// peer have of a protocol, so that the slots of the queue and what is on its way to a
	// block are what bounds an honest asker. certifyingAll is how many streams may be
	// open besides those that have a slot in the queue: those of askers that do not leave
	// with a verdict on its way. A stream and its goroutines are some 40 KiB: 256 of
	// them 10 MiB.
	streamsEach   = 64
	certifyingAll = 256

	// busyRetry is when an asker without a slot is to ask again: a validation of a
	// small dataset takes a second. maxBusyRetry bounds what an asker believes.
	busyRetry    = time.Second
	maxBusyRetry = time.Minute

	// maxSlots bounds the slots that an asker believes.
	maxSlots = 1 << 12

	// requestTimeout is how long a peer may take to send its one request frame.
	requestTimeout = 10 * time.Second

	// admitTimeout bounds the check before queueing, which asks the ledger once
	// or twice.
	admitTimeout = 20 * time.Second

	// sendTimeout is how long one progress frame may take to be taken by the
	// network; a peer that reads nothing is cut off after it.
	sendTimeout = 10 * time.Second

	// keepAlive is how often a progress is repeated when nothing changes, and
	// silence how long an asker waits for a frame: four of them lost.
	keepAlive = 15 * time.Second
	silence   = 4 * keepAlive

	// progressPause is the least time between two frames: a person sees no more,
	// and a busy handler does not fill the network.
	progressPause = 100 * time.Millisecond

	// requestRate and requestBurst are for one address group. A request
	// that brought about a verdict gives its token back: the deal cost its seller a
	// deposit.
	requestRate  = 5
	requestBurst = 50

	// trackedGroups bounds the rate limiter's memory, about 200 bytes each.
	trackedGroups = 4096
)

// limitsFor are the limits of streams over a queue with that many slots. A stream takes
// its slot before anybody knows who asks, so one address group has at most as many as
// one honest asker needs, a fifth of all.
func limitsFor(slots int) stream.Limits {
	return stream.Limits{
		Slots: slots + certifyingAll, PerPeer: streamsEach, PerGroup: streamsEach,
		Memory: maxProgress, Frame: maxRequest,
		Rate: ratelimit.Rate{PerSecond: requestRate, Burst: requestBurst}, Cost: 1, Groups: trackedGroups,
	}
}
