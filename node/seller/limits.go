package seller

import (
	"time"

	"github.com/medibloc/pdx/internal/backoff"
)

const (
	// heavySales is how many sales are read, checked or sealed at once: each
	// takes a core, and the machine has other work.
	heavySales = 1

	// pollEvery is how often a waiting sale looks at the ledger without being
	// woken: events are hints and may be lost. Every deadline is hours long.
	pollEvery = time.Minute

	// soon is how long after a transaction of its own a sale looks again: the
	// next block.
	soon = 2 * time.Second

	// stepPause is the least time between two steps of a sale that were brought on by wakes:
	// the notices and events about one deal in a block are one or two reads of it.
	stepPause = 500 * time.Millisecond

	// offerDoubt is how many blocks after it was sent an offer may still get into one:
	// more than those after which its transaction is void, 20.
	offerDoubt = 30

	// offersPerStep is how many sales that wait to offer are woken by a step of a deal: one
	// that is certified makes room for itself and for one more.
	offersPerStep = 2

	// refusedPause is how long a validator that refused is left alone: it is asked
	// a hundred times at most in the day that a deal may wait for certificates.
	refusedPause = 15 * time.Minute

	// pendingPause is how long a verdict may wait for a block until the validator is
	// asked what became of it: at least 2 min, with jitter, after which it has given
	// its transaction up.
	pendingPause = 4 * time.Minute

	// firstWindow is how many inquiries a validator gets at once before it says or
	// shows how many it takes: half of what a validator with default limits takes.
	firstWindow = 8

	// maxWindow bounds what a validator may say that it takes, and what the window
	// of one that does not say may grow to.
	maxWindow = 64

	// maxFlying is how many inquiries one validator has open at once, those that an
	// older one answers only when they are in a block included: fewer than the 50 requests that a validator takes
	// at once of one address, and than the 64 streams of a protocol that libp2p lets
	// one peer have.
	maxFlying = 48

	// verdictGrace is how long the end of a deal waits for the reasons of
	// validators that have just certified: a few blocks and a round trip.
	verdictGrace = 5 * time.Second

	// defaultAckGrace is how many blocks after the ack deadline the chain has to
	// acknowledge by itself what validators promised. It does so in the first, but
	// for a queue or a fault; only then a transaction is worth its fee.
	defaultAckGrace = 10

	// ackShare is the part of the time for the ack that must be left when a key is
	// delivered on a voucher: 1/4.
	ackShare = 4

	// keyShare is the part of the time for the key that must be left: 1/4.
	keyShare = 4

	// maxReason bounds the text kept with a sale, in bytes.
	maxReason = 1024

	// maxCheckFindings bounds the findings kept for one validator.
	maxCheckFindings = 64

	// maxSample bounds the record that a preview shows, in bytes.
	maxSample = 1 << 20

	// maxSamples is how many records a preview shows besides, if they have at most
	// maxShortSample bytes each.
	maxSamples     = 3
	maxShortSample = 64 << 10

	// maxLeft bounds the records that a sale leaves out because they break the criteria. The
	// sale keeps their numbers, in about 8 bytes each; data with more faults needs repair.
	maxLeft = 10_000

	// onePassFrom is the size of data, in bytes, from which on what is disclosed is sealed
	// while it is read. Sealing less from the copy takes some milliseconds, and a burst of
	// small sales needs no open files.
	onePassFrom = 1 << 20

	// maxSealed bounds how many sales that may not offer yet have their ciphertext in open
	// files; others are sealed from their copy when they may.
	maxSealed = 4

	// mostGrowth is how much larger data may become by unpacking: below this part of the
	// size from which on one copy is kept, the ciphertext is stored whatever comes.
	mostGrowth = 100

	// preparedTime is how long what the last preview made is kept for its sale: a person
	// reads what is disclosed, and agrees.
	preparedTime = 10 * time.Minute

	// proofEvery is how often a deal is proven whose state does not seem to change, so that
	// no endpoint can hide an ack: a delivery has 24 hours at the least.
	proofEvery = time.Hour

	// proofLag is how many blocks what is shown may be ahead of what is proven: a
	// state is proven by the next block, and the chain goes on meanwhile.
	proofLag = 3
)

var (
	// retryPause is between tries of a step that failed, of reaching a validator that
	// does not answer, and of a deal that a validator could not check.
	retryPause = backoff.Doubling{First: 2 * time.Second, Most: 5 * time.Minute}

	// busyPause is while a validator is busy again and again: a validation of a
	// typical small dataset takes a second, and a slot that became free must not stay
	// so for many blocks.
	busyPause = backoff.Doubling{First: time.Second, Most: 15 * time.Second}
)
