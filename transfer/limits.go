package transfer

import (
	"time"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/multiconn"
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

	// MaxManyRoots bounds the roots of one frame that asks for many blobs: they
	// fit in MaxFrame, and with blobs of MaxSmall bytes its turn is 6.25 MiB.
	MaxManyRoots = 100

	// MaxFrame bounds a frame before its varint length. The largest request is 34
	// bytes of root and 64 ranges of at most 24 bytes, 1,570; the rest is room
	// for fields to come.
	MaxFrame = 4 << 10
)

// limits are the numbers of a client that a peer can feel. They are not configuration: tests
// shorten the times.
type limits struct {
	// dialTime bounds connecting and opening a stream.
	dialTime time.Duration
	// statusTime bounds the wait for a status: the server's gateTime and a slow
	// round trip.
	statusTime time.Duration
	// segmentTime bounds the wait for the next verified segment; a server that
	// keeps to slowest sends one in 4 seconds. Bytes that are not a whole
	// segment do not extend it.
	segmentTime time.Duration
	// patience bounds how long a pull goes on asking a peer that says busy, and
	// waits for sources when none was ever named.
	patience time.Duration
	// joinTime is how long a pull whose sources were all given up waits for
	// another: then its caller had better know why, and try again later.
	joinTime time.Duration
	// tries is how often in a row a source may fail, with nothing verified in
	// between, before it is given up. The pause is retryTime and doubles: 250 ms,
	// 500 ms and 1 s bridge a lost connection or a restart, not a night.
	tries     int
	retryTime time.Duration

	// sources and lanes bound one pull: 32 lanes cost pullMemory each, 4 MiB.
	sources, lanes int
	// streams is how many lanes each connection to a source has, if there is work.
	streams int
	// wideBytes is what each further lane must have to fetch: less is fetched
	// before the lane is there.
	wideBytes uint64
	// widenTime is how often the number of lanes is compared with the rate.
	widenTime time.Duration
	// depth is how many requests a lane has under way: while one is answered the
	// next is on its way. Each is runTime's worth, so a lane never runs dry while
	// its round trip is less than runTime.
	depth int
	// firstRun is what a lane is asked for before its rate is known, then it is
	// runTime's worth, from leastRun to lastRun, in segments. lastRun is what the
	// protocol allows; leastRun keeps the 64-byte nodes of a slice below 0.5 %, and
	// lets lanes of 100 Mbit/s end within 20 ms of each other.
	firstRun, leastRun, lastRun uint64
	runTime                     time.Duration
	// runTrips is how many round trips a run lasts at least: a path that has just
	// begun doubles its rate in each, and must not run out of what it was asked for
	// at the rate of two trips ago.
	runTrips time.Duration
	// tailFactor is how much later than the asking lane another must be expected
	// before what it owes is asked for twice, but not for less than tailTime.
	// unknownTime is what a lane of unknown rate is expected to take, quietTime after
	// which a lane that sends nothing counts as stalling.
	tailFactor                       time.Duration
	tailTime, unknownTime, quietTime time.Duration
	// lookTime is how often who has nothing to do looks for what became slow.
	lookTime time.Duration
	// buffers bounds the segments of a pull that were received and are not
	// written, 4 MiB: one for each lane, and as many for the checkers.
	buffers int
	// checkers bounds the goroutines that verify and write for one pull; there are
	// as many as cores. One core hashes faster than 10 Gbit/s.
	checkers int
	// manyLanes is how many streams a pull of many small blobs has to its source:
	// while one is read, verified and written the gate and the disk behind others
	// are asked. manyDepth is how many frames of 100 roots each has under way: of
	// blobs of 1 KiB that are 3.1 MiB in all, enough for 250 Mbit/s at 100 ms.
	manyLanes, manyDepth int
	// saveBytes and saveBlobs are when a batch of a pull is made durable, with
	// checkpointTime: what a crash costs at most twice, since the next is filled
	// meanwhile. A sync of 16 MiB takes longer than what is fixed about it.
	saveBytes, saveBlobs int

	// checkpointBytes and checkpointTime bound what a crash costs: see
	// checkpointEvery.
	checkpointMin, checkpointMax uint64
	checkpointTime               time.Duration
}

func defaultLimits() limits {
	return limits{
		dialTime:    15 * time.Second,
		statusTime:  20 * time.Second,
		segmentTime: 30 * time.Second,
		patience:    time.Minute,
		joinTime:    3 * time.Second,
		tries:       4,
		retryTime:   250 * time.Millisecond,
		sources:     32,
		lanes:       32,
		streams:     multiconn.Streams,
		wideBytes:   4 << 20,
		widenTime:   time.Second,
		depth:       2,
		firstRun:    64,
		leastRun:    4,
		lastRun:     MaxRequestSegments,
		runTime:     500 * time.Millisecond,
		runTrips:    5,
		tailFactor:  2,
		tailTime:    50 * time.Millisecond,
		unknownTime: time.Second,
		quietTime:   time.Second,
		lookTime:    100 * time.Millisecond,
		buffers:     64,
		checkers:    8,
		manyLanes:   4,
		manyDepth:   8,
		saveBytes:   16 << 20,
		saveBlobs:   1 << 14,

		checkpointMin:  2 << 20,
		checkpointMax:  16 << 20,
		checkpointTime: 5 * time.Second,
	}
}

// Memory reserved for a stream with the resource manager of the host.
const (
	// readMemory is a buffer for reading a request, and the request.
	readMemory = 2 * MaxFrame
	// writeStep is what is written to a stream at a time, and the buffer before
	// it: what one message of Noise takes beside the header of yamux. A byte more
	// would be a message, and a system call, of its own at both ends.
	writeStep = 65535 - 16 - 12
	// bodyMemory is the segment being verified, the write step, and what the
	// security layer copies of it.
	bodyMemory = bao.SegmentSize + 2*writeStep
	// pullMemory is the read buffer, the segment being verified, and one in the
	// stream's window that waits for it.
	pullMemory = 2*bao.SegmentSize + 2*MaxFrame
	// readBuffer is for the nodes between segments; a segment is read past it, into
	// its own buffer.
	readBuffer = MaxFrame
)

// checkpointEvery is how many bytes of a blob of size bytes are put before a
// checkpoint begins: one in two hundred, because as many again may be put while
// it waits for the disk, and a crash may cost one in a hundred; but at least a
// few MiB, and not more than checkpointMax, which a disk of 150 MB/s takes in a
// tenth of a second: while a pull waits longer, what comes meanwhile fills memory
// up to the windows of its streams.
func (l limits) checkpointEvery(size uint64) uint64 {
	return min(max(size/200, l.checkpointMin), l.checkpointMax)
}

// runFor is how much time's worth a lane of that round-trip time is asked for.
func (l limits) runFor(rtt time.Duration) time.Duration { return max(l.runTime, l.runTrips*rtt) }
