package ack

import (
	"time"

	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/stream"
)

const (
	// maxFrame bounds a frame, in bytes: a handover has 11 for each of three
	// numbers, 35 for the key and 66 for the signature; and as much again for
	// fields that a later version may add.
	maxFrame = 256
	// streamMemory is the read buffer and the decoded message.
	streamMemory = 2 * maxFrame

	// readTimeout is how long a peer may take to send its frame, or to take the
	// answer.
	readTimeout = 10 * time.Second
	// takeTimeout bounds the seller's work: two reads of the chain, one write.
	takeTimeout = 20 * time.Second
	// handTimeout bounds a handover, the dial included.
	handTimeout = readTimeout + takeTimeout + readTimeout
)

// limits: each handover reads the chain twice and writes one record, so that 32 at
// once are plenty. One peer has an eighth of them and one address group a quarter, so
// that neither keeps others out; a group brings five in a second, and a burst of 50. 4096
// groups take some 400 KiB.
var limits = stream.Limits{
	Slots: 32, PerPeer: 4, PerGroup: 8, Memory: streamMemory, Frame: maxFrame,
	Rate: ratelimit.Rate{PerSecond: 5, Burst: 50}, Cost: 1, Groups: 4096,
}
