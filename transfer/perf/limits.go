package perf

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/multiconn"
	"github.com/medibloc/pdx/p2p/stream"
)

const (
	// MaxBytes is the largest number of bytes in one direction of a measurement: two
	// seconds at 1 Gbit/s, in which any window reaches its full size.
	MaxBytes = 256 << 20
	// MaxTime is the longest duration of one direction. It then ends with what was
	// transferred.
	MaxTime = 10 * time.Second

	// peers is how many peers are answered at once. More would measure each other.
	peers = 2
	// maxStreams is how many streams one peer may have in its measurement: as many as
	// the widest pull.
	maxStreams = multiconn.MaxConns * multiconn.Streams
	// An address may ask for a measurement of MaxBytes once in every askEvery, and
	// askBurst times at once, whether on one stream or on maxStreams; what comes
	// more often is reset. So each stream costs one token of maxStreams, and one more
	// for each further shareBytes that it is to carry.
	askEvery   = 5 * time.Second
	askBurst   = 4
	shareBytes = MaxBytes / maxStreams
	// trackedGroups is how many address groups are told apart, about 100 bytes each.
	trackedGroups = 4096

	// answerTime bounds a direction of one stream at the answerer. It is longer than
	// MaxTime because a stream waits for those beside it: up to headTime until they
	// are let in, and up to MaxTime until they have sent.
	answerTime = 2 * MaxTime
	// headTime bounds each step before the measurement: to connect; to make further
	// connections; to open the first stream and have its answer; then all others.
	headTime = 10 * time.Second
	// step is what is written and read at once; a multiple of what Noise frames. A
	// measurement of fewer bytes for each stream has fewer streams.
	step = 64 << 10
)

var limits = stream.Limits{
	Peers: peers, PerPeer: maxStreams, Memory: 2 * step, Priority: network.ReservationPriorityLow,
	Rate: ratelimit.Rate{PerSecond: maxStreams / askEvery.Seconds(), Burst: askBurst * maxStreams}, Cost: 1, Groups: trackedGroups,
}
