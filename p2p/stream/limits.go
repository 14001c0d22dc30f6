package stream

import "time"

// Limits bound what a protocol's peers can make a server do. A number left at zero
// is no bound.
type Limits struct {
	// Slots bounds the streams served at once, in all, of one peer, and of one
	// address group.
	Slots, PerPeer, PerGroup int
	// Peers bounds the peers that have a slot at once.
	Peers int
	// Memory is reserved with the resource manager for each stream, in bytes, with one
	// of network's ReservationPriorities; zero is ReservationPriorityAlways.
	Memory   int
	Priority uint8
	// Frame bounds the frames that a Stream reads, in bytes after the length.
	Frame int
	// Rate is that of one address group, and TotalRate that of all together. Cost is
	// how many tokens a new stream takes of each.
	Rate, TotalRate Rate
	Cost            int
	// Groups is how many address groups are told apart. It is needed with a Rate.
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
