package discovery

// Limits, for tests that reach them.
const (
	PeerRate       = peerRate
	PeerBurst      = peerBurst
	MaxMessage     = maxMessage
	MaxPeerStreams = maxPeerStreams
)
