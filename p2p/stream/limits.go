package stream

import (
	"time"

	"github.com/medibloc/pdx/internal/ratelimit"
)

// Limits bound what peers can make a server do. Zero means no limit, except for Frame,
// which is required.
type Limits struct {
	// Slots is the number of streams that are served at the same time. PerPeer and
	// PerGroup are those of one peer and of one address group.
	Slots, PerPeer, PerGroup int
	// Peers is the number of peers that have a slot at the same time.
	Peers int
	// Memory is what is reserved in the resource manager for each stream, in bytes.
	// Priority is one of the constants network.ReservationPriority…; 0 means
	// ReservationPriorityAlways.
	Memory   int
	Priority uint8
	// Frame is the largest frame that a Stream reads, in bytes without the length.
	Frame int
	// Rate is the token bucket of each address group, and TotalRate that of all
	// together. Cost is the number of tokens that a new stream takes from both.
	Rate, TotalRate ratelimit.Rate
	Cost            int
	// Groups is the number of address groups with a bucket of their own. It is required
	// with a Rate.
	Groups int
}

const (
	// closeTime bounds the closing of a stream, which may wait for the peer to take the
	// last bytes: a slow round trip.
	closeTime = 2 * time.Second
	// cutTime is how long Stop waits for handlers whose streams it has reset. All
	// that they have left to do is return.
	cutTime = time.Second
	// readBuffer bounds a Stream's buffer, in bytes. A longer frame is read past it.
	readBuffer = 4 << 10
	// maxLength is the longest length prefix in bytes: a frame has less than 2³¹.
	maxLength = 5
)
