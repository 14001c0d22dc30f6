package ack

import "time"

const (
	// maxFrame bounds a frame, in bytes: a handover has 11 for each of three
	// numbers, 35 for the key and 66 for the signature; and as much again for
	// fields that a later version may add.
	maxFrame = 256

	// places is how many handovers are in work at once, of one peer placesEach:
	// each reads the chain twice and writes one record.
	places     = 32
	placesEach = 4

	// readTimeout is how long a peer may take to send its frame, or to take the
	// answer.
	readTimeout = 10 * time.Second

	// takeTimeout bounds the seller's work: two reads of the chain, one write.
	takeTimeout = 20 * time.Second

	// handTimeout bounds a handover, the dial included.
	handTimeout = readTimeout + takeTimeout + readTimeout
)
