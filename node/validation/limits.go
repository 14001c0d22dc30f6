package validation

import (
	"time"

	"golang.org/x/time/rate"
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

	// defaultWorkers is how many validations run at once: each reads a stream of
	// plaintext through decryption and schema checks, one core's work.
	defaultWorkers = 2

	// defaultQueue is how many more may wait; a waiting one costs a stream and a
	// goroutine, some 40 KiB.
	defaultQueue = 64

	// askerShare is the part of workers and queue that one asker may hold, so
	// that others find a place: 1/4, at least one.
	askerShare = 4

	// certifyingEach and certifyingAll are how many validations of one asker, and of
	// all, may wait for a block without holding a slot: those of askers that do not
	// leave with a verdict on its way. libp2p lets one peer have 64 streams of a
	// protocol, and an address 50 requests at once (requestBurst): 34 and a default
	// queue's 16 slots are as many. 256 streams and goroutines are 10 MiB.
	certifyingEach = 34
	certifyingAll  = 256

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
	requestRate  = rate.Limit(5)
	requestBurst = 50

	// trackedAddresses bounds the rate limiter's memory, about 200 bytes each;
	// beyond it the one not seen for longest is forgotten.
	trackedAddresses = 4096
)
