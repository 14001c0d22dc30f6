package attest

// Limits of statements that other parties sign, in bytes. A longer field is refused
// before anything is computed.
const (
	maxChainID = 64  // Cosmos chain ids have 50 at most
	maxAddress = 90  // the longest bech32 text
	maxPeerID  = 128 // text form; ed25519 ids have 52
	// MaxNonce is the longest nonce of a binding that is accepted. The challenges of
	// discovery/identity have 32 bytes.
	MaxNonce = 64
)
