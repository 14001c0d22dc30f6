package transfer

import (
	"time"

	"github.com/medibloc/pdx/transfer/content"
)

// Protocol limits: both sides hold them, docs/spec/transfer.md states them.
const (
	// MaxRanges bounds the runs of one request. A blob that is pulled in order
	// has one run; 64 serve one that is as full of holes as a crash can leave it.
	MaxRanges = 64

	// MaxRequestSegments bounds what one request can ask for: 256 segments,
	// 16 MiB. At 16 KiB a second, the slowest puller that is served, that holds a
	// slot for 17 minutes.
	MaxRequestSegments = 256

	// MaxFrame bounds a frame before its varint length. The largest request is 34
	// bytes of root and 64 ranges of at most 24 bytes, 1,570; the rest is room
	// for fields to come.
	MaxFrame = 4 << 10
)

// limits are the numbers that a peer can feel. They are not configuration: tests
// shorten the times.
type limits struct {
	// Server.

	// readers bounds the streams between their start and their status. Each
	// costs a goroutine and readMemory; 128 of them 1 MiB.
	readers int
	// bodies bounds the streams that send segments. Each costs bodyMemory: 64 of
	// them 14 MiB. Two streams fill most paths, so 64 serve about 30 pullers.
	bodies int
	// rate and burst bound the requests of one address, in requests a second.
	// Honest pulls ask 8 MiB a time: 128 requests are 1 GiB/s from one address.
	rate, burst float64
	// addresses bounds the addresses whose rates are remembered, about 100 bytes
	// each.
	addresses int
	// requestTime bounds the wait for a whole request frame: it fits in one packet, so
	// this is the slowest tolerable round trip, many times over.
	requestTime time.Duration
	// gateTime bounds the gate, which may have to ask a ledger.
	gateTime time.Duration
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
	// graceTime bounds how long Stop lets bodies finish.
	graceTime time.Duration

	// Client.

	// dialTime bounds connecting and opening a stream.
	dialTime time.Duration
	// statusTime bounds the wait for a status: the server's gateTime and a slow
	// round trip.
	statusTime time.Duration
	// segmentTime bounds the wait for the next verified segment; a server that
	// keeps to slowest sends one in 4 seconds. Bytes that are not a whole
	// segment do not extend it.
	segmentTime time.Duration
	// patience bounds how long a pull goes on asking a peer that says busy.
	patience time.Duration
	// streams is how many requests a pull has under way at one source: the
	// second fills the round trip between two requests of the first.
	streams int
	// runSegments is what one request asks for: 8 MiB, so that at 1 Gbit/s and
	// 200 ms two streams keep most of the path full, and that an interrupted
	// request is a small loss.
	runSegments uint64
	// checkpointBytes and checkpointTime bound what a crash costs: see
	// checkpointEvery.
	checkpointMin, checkpointMax uint64
	checkpointTime               time.Duration
}

func defaultLimits() limits {
	return limits{
		readers:     128,
		bodies:      64,
		rate:        128,
		burst:       512,
		addresses:   4096,
		requestTime: 10 * time.Second,
		gateTime:    10 * time.Second,
		stallTime:   30 * time.Second,
		slowest:     16 << 10,
		answerTime:  2 * time.Second,
		retryAfter:  time.Second,
		graceTime:   5 * time.Second,

		dialTime:       15 * time.Second,
		statusTime:     20 * time.Second,
		segmentTime:    30 * time.Second,
		patience:       time.Minute,
		streams:        2,
		runSegments:    128,
		checkpointMin:  4 << 20,
		checkpointMax:  256 << 20,
		checkpointTime: 5 * time.Second,
	}
}

// Memory reserved for a stream with the resource manager of the host.
const (
	// readMemory is a buffer for reading a request, and the request.
	readMemory = 2 * MaxFrame
	// writeStep is the buffer between slices and stream: room for a segment and
	// the deepest path of nodes before it, so that small nodes are no writes of
	// their own.
	writeStep = content.SegmentSize + 4096
	// bodyMemory is the segment being verified, the write step, and what the
	// security layer copies of it.
	bodyMemory = content.SegmentSize + 2*writeStep
	// pullMemory is the read buffer, the segment being verified, and one in the
	// stream's window that waits for it.
	pullMemory = 3*content.SegmentSize + MaxFrame
	// readBuffer is how much of a body is taken from a stream at a time.
	readBuffer = content.SegmentSize
)

// checkpointEvery is how many bytes of a blob of size bytes are put between
// checkpoints: one in a hundred, but at least a few MiB, because each
// checkpoint waits for the disk, and not more than checkpointMax.
func (l limits) checkpointEvery(size uint64) uint64 {
	return min(max(size/100, l.checkpointMin), l.checkpointMax)
}

// bodyTime bounds a whole body of n bytes.
func (l limits) bodyTime(n uint64) time.Duration {
	return l.stallTime + time.Duration(n/l.slowest)*time.Second
}
