package erasure

import (
	"time"

	"github.com/medibloc/pdx/internal/backoff"
	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/stream"
)

const (
	// MaxText bounds the reason of a request and the note of an answer, in bytes.
	MaxText = 500
	// maxFrame bounds a frame, in bytes: a text, 11 for each of two numbers, 35 for the key and
	// 66 for the signature; and half as much again for fields that a later version may add.
	maxFrame = 1024
	// streamMemory is the read buffer and the decoded message.
	streamMemory = 2 * maxFrame

	// readTimeout is how long a peer may take to send its frame, or to take the answer.
	readTimeout = 10 * time.Second
	// takeTimeout bounds the buyer's work: one read of the chain, one write.
	takeTimeout = 20 * time.Second
	// sendTimeout bounds a request, without the search for the buyer.
	sendTimeout = readTimeout + takeTimeout + readTimeout

	// maxAhead is how far a request may be in the future by the buyer's clock.
	maxAhead = time.Hour
	// senders is how many requests are sent at once. Most of the time is a search for a buyer
	// that is offline.
	senders = 4
	// tick is the interval between two readings of the open requests without news.
	tick = time.Minute
)

// resend is the pause before a request is sent again: to a buyer that was not reached, and, from
// its longest on, to one that has not answered.
var resend = backoff.Doubling{First: 10 * time.Second, Most: time.Hour}

// limits: each request reads the chain once and writes one record, and a seller sends few. One
// peer has a quarter of the slots and one address group half, so that neither keeps others out;
// a group brings one in a second, and a burst of 20. 4096 groups take some 400 KiB.
var limits = stream.Limits{
	Slots: 16, PerPeer: 4, PerGroup: 8, Memory: streamMemory, Frame: maxFrame,
	Rate: ratelimit.Rate{PerSecond: 1, Burst: 20}, Cost: 1, Groups: 4096,
}
