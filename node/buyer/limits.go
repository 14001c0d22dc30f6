package buyer

import (
	"time"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/internal/backoff"
)

const (
	// MaxAcks is the most deals in one acknowledgement, as on chain.
	MaxAcks = 100

	// SettleBlocks is how long after sending a transaction may still get into a
	// block: the ledger sends with a timeout height at most this far ahead.
	SettleBlocks = 30

	// defaultParallel is how many deals are pulled or decrypted at once: enough
	// that one slow home uplink leaves most of the line to others, and few enough
	// for 2 MiB each and one core's decryption.
	defaultParallel = 4

	// SmallBlob is the largest ciphertext, in bytes, that is pulled in a batch: one
	// segment. Larger ones keep the line busy each by itself.
	SmallBlob = bao.SegmentSize

	// MaxBatch and batchBytes bound a batch: what a store makes durable at once, and
	// what a home line of 2 Mbit/s carries in one time slice. A crash costs one at most.
	MaxBatch   = 1 << 14
	batchBytes = 64 << 20

	// batchWindow is how long a deal that waits to be pulled, as others do, waits for
	// them to join its batch: a few thousand do, as many as their steps get done.
	batchWindow = time.Second

	// ackWindow is how long an ack waits for others to share its transaction:
	// half a block.
	ackWindow = 3 * time.Second

	// An ack is not sent when less is left before its deadline: two blocks to get
	// into one, eight for a busy chain.
	ackMarginTime   = time.Minute
	ackMarginBlocks = 10

	// A deal whose ciphertext nobody serves is challenged when a challengeShare of its ack
	// deadline is left, at most challengeWindow. In that time it is looked at challengeTries
	// times at the least.
	challengeWindow = 2 * time.Hour
	challengeShare  = 4
	challengeTries  = 4

	// challengeChunks are those that this node names by itself: who dropped the ciphertext has
	// none of them, and each costs 0.1 MED. It spends at most a challengeBudget-th of the price
	// on the challenges of a deal: more is its owner's decision.
	challengeChunks = 4
	challengeBudget = 2

	// signedAckPatience is how long a voucher may take to bring the key before the
	// ack goes to the chain: to find the seller, and a dozen blocks for its
	// delivery. Where the time for the ack is short, a signedAckShare of it.
	signedAckPatience = 2 * time.Minute
	signedAckShare    = 4

	// signedAckPoll is how often a deal with a voucher is looked at meanwhile.
	signedAckPoll = 2 * time.Second

	// drawPoll is how often a pool is looked at in which deals wait for this buyer's part
	// of their draw: a few times a block.
	drawPoll = 2 * time.Second

	// simulationLag is how far the height of a message must lie below the last block: a
	// simulation runs at the height of the last state, which may be a block behind.
	simulationLag = 2

	// headAge is how old the last block may be for deals that look whether their
	// vouchers have had their time: less than a block, and half of a look.
	headAge = time.Second

	// stall is how long a source may send nothing before the next one is tried:
	// TCP recovers from a lost packet in seconds, a home line redials within 30 s.
	stall = time.Minute

	// timeSlice is how long one deal may pull while others wait: a source that drips
	// bytes must not keep a slot for days. A pull goes on where it ended.
	timeSlice = 5 * time.Minute

	// ackRetry is how long after a failed acknowledgement the next is tried: a few
	// blocks, so that an answer that got lost has had its effect.
	ackRetry = 30 * time.Second

	// hurriedBackoff is the longest wait before what the end of a dispute does not
	// wait for is tried again: two blocks.
	hurriedBackoff = 12 * time.Second

	// leastDispute is the shortest dispute that Panacea lets a pool have. It only
	// orders the openings of deals whose dispute is not known yet.
	leastDispute = time.Hour

	// fullBackoff is how long a full disk is left alone.
	fullBackoff = time.Minute

	// answerWait is how long an order waits to be able to say what becomes of datasets
	// that are pulled again: a small one is here by then, and a refusal, too.
	answerWait = 10 * time.Second

	// rescanEvery is how often all orders are compared with the ledger without a
	// hint: events are gap-free, so this is for what they do not say, such as a
	// deal that ended while this node slept.
	rescanEvery = 10 * time.Minute

	// proofEvery is how often a deal is proven whose state does not seem to change, so that
	// no endpoint can hide a delivery: a quarter of the shortest dispute. proofTick is how
	// often it is looked for those deals.
	proofEvery = leastDispute / 4
	proofTick  = time.Minute

	// maxNotes is how many deals without an order are shown, half a KiB each; the
	// rest shows when those are ordered.
	maxNotes = 1000

	// maxHints is how many hints wait at most, about 100 KiB.
	maxHints = 4096

	// page is how many deals are asked for at a time.
	page = 100

	// progressSteps is how often at most a pull's progress is published.
	progressSteps = 100

	// maxRequestID bounds a caller's request id, in bytes; UUIDs have 36.
	maxRequestID = 128

	// Bounds of a criteria document and of one schema, in bytes, and on how many
	// there are; the largest schema of the field, FHIR R4's, has 3.4 MB.
	maxDocument = 8 << 20
	maxSchemas  = 64

	// defaultLife is how long a pool stays open when nobody says otherwise.
	defaultLife = 30 * 24 * time.Hour
)

// retryPause is the one after a failed step.
var retryPause = backoff.Doubling{First: 2 * time.Second, Most: 5 * time.Minute}
