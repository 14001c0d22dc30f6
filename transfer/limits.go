package transfer

import (
	"time"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/multiconn"
	"github.com/medibloc/pdx/transfer/internal/ingest"
	"github.com/medibloc/pdx/transfer/internal/plan"
	"github.com/medibloc/pdx/transfer/internal/retry"
)

// Limits of the protocol, which both sides enforce; see docs/spec/transfer.md.
const (
	// MaxRanges is the largest number of runs in one request. A blob that is pulled in
	// order needs one run; 64 suffice for a blob with as many gaps as a crash can
	// leave.
	MaxRanges = 64

	// MaxRequestSegments is the largest number of segments in one request: 256, or 16
	// MiB. At 16 KiB/s, the lowest rate at which a server continues, such a request
	// holds a slot for 17 minutes.
	MaxRequestSegments = 256

	// MaxManyRoots is the largest number of roots in one request for many blobs. They
	// fit in MaxFrame, and with blobs of blob.MaxSmall bytes the answer is 6.25 MiB.
	MaxManyRoots = 100

	// MaxFrame is the largest size of a frame in bytes, without its length. The largest
	// request has 34 bytes of root and 64 ranges of at most 24 bytes, in all 1,570
	// bytes; the rest is for future fields.
	MaxFrame = 4 << 10
)

// clientLimits are the numbers of a client. They are not configuration: tests change
// them.
type clientLimits struct {
	plan   plan.Limits
	ingest ingest.Limits
	retry  retry.Policy

	// dialTime bounds connecting and opening a stream.
	dialTime time.Duration
	// statusTime bounds the wait for a status: the server's authorizeTime and a
	// slow round trip, where it need not wait for a slot.
	statusTime time.Duration
	// segmentTime bounds the wait for the next verified segment; a server that
	// keeps to slowest sends one in 4 seconds. Bytes that are not a whole
	// segment do not extend it.
	segmentTime time.Duration
	// silentTime is after what silence of a source its path is tested by a ping, and how long
	// that may take: several round trips of the slowest path.
	silentTime time.Duration
	// joinTime is how long a pull whose sources were all given up waits for
	// another: then its caller had better know why, and try again later. A pull for
	// which no source was ever named waits for retry.Patience.
	joinTime time.Duration

	// sources and workers bound one pull: 32 workers cost pullMemory each, 4 MiB.
	sources, workers int
	// sizeProbes is how many sources are asked at a time for a size that is not known: a
	// segment of 64 KiB each. Most of them may be peers that do not answer.
	sizeProbes int
	// streams is how many workers each connection to a source has, if there is work.
	streams int
	// workerBytes is what each further worker must have to fetch: less is fetched
	// before its stream is open.
	workerBytes uint64
	// growTime is how often the number of workers is compared with the rate.
	growTime time.Duration
	// depth is how many requests a worker has under way: while one is answered the
	// next is on its way. Each is plan.RunTime's worth, so a stream never runs dry
	// while its round trip is shorter than that.
	depth int
	// pollTime is how often a worker that has nothing to do checks what became slow,
	// and a pull whether it can go on.
	pollTime time.Duration

	// batchStreams is how many streams a pull of many small blobs has to its source:
	// while one is read, verified and written the authorizer and the disk behind others
	// are asked. batchDepth is how many frames of 100 roots each has under way: of
	// blobs of 1 KiB that are 3.1 MiB in all, enough for 250 Mbit/s at 100 ms.
	batchStreams, batchDepth int
}

func defaultClientLimits() clientLimits {
	return clientLimits{
		plan:   plan.DefaultLimits(MaxRanges, MaxRequestSegments),
		ingest: ingest.DefaultLimits(),
		retry:  retry.DefaultPolicy(),

		dialTime:     15 * time.Second,
		statusTime:   20 * time.Second,
		segmentTime:  30 * time.Second,
		silentTime:   3 * time.Second,
		joinTime:     3 * time.Second,
		sources:      32,
		workers:      32,
		sizeProbes:   16,
		streams:      multiconn.Streams,
		workerBytes:  4 << 20,
		growTime:     time.Second,
		depth:        2,
		pollTime:     100 * time.Millisecond,
		batchStreams: 4,
		batchDepth:   8,
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
