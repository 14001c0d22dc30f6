package identity

import "time"

const (
	// challengeLen is the length of a challenge in bytes: it never repeats.
	challengeLen = 32
	// maxFrame bounds a frame. The longest honest one is a binding: chain id 50,
	// account 90, two peer ids of 64, challenge 32, key 33, signature 64, expiry
	// and tags 30, are 427 bytes.
	maxFrame = 1024
	// streamMemory is reserved for a stream: one frame as it is read, once more
	// as it is decoded, and the reader's buffer.
	streamMemory = 3 * maxFrame
	// handshakeTimeout ends a handshake: two round trips over a bad relayed path
	// and two signatures.
	handshakeTimeout = 10 * time.Second

	// maxStreams bounds greetings served at once, and maxStreamsPerPeer those of
	// one peer: an honest peer needs one, and a second after a reset it has not
	// noticed. A stalled greeting frees its place after handshakeTimeout.
	maxStreams        = 128
	maxStreamsPerPeer = 2
	// Rates of new greetings. A peer greets once per binding, which counts for
	// hours: 5 a second serve 200,000 peers behind one address. A greeting costs
	// a signature and a check, about 0.2 ms: 200 a second are 4 % of a core.
	addressRate, addressBurst = 5, 64
	totalRate, totalBurst     = 200, 400
	// idleBuckets is how long the rate of an address is remembered at rest.
	idleBuckets = time.Minute

	// maxKnown bounds the remembered accounts, about 300 bytes each. A pool's
	// buyer may deal with thousands of sellers; a forgotten one is asked again.
	maxKnown = 8192
)
