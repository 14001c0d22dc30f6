package attest

// Limits of foreign statements, in bytes. Longer fields are refused before anything is
// computed.
const (
	maxChainID = 64  // Cosmos chain ids have 50 at most
	maxAddress = 90  // the longest bech32 text
	maxPeerID  = 128 // text form; ed25519 ids have 52
	// MaxNonce is the longest nonce of a binding; challenges have 32.
	MaxNonce = 64
)
