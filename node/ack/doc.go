// Package ack is the wire protocol by which a buyer hands its ack of a deal to
// the seller off chain: /pdx/<chain-id>/ack/1.
//
// It moves one small message and bounds it; it decides nothing. Whether a signed ack
// is good is the seller's business (node/seller, behind [Handler]); when to hand one
// over, and when to acknowledge on chain instead, the buyer's (node/buyer).
//
// One stream is one handover:
//
//	buyer → seller   Handover   deal, heights, public key, signature
//	seller → buyer   Answer     taken, later or refused
//
// Frames are those of p2p/stream, which also admits streams and ends them. Taken
// means that the seller has the ack on disk. A lost answer does no harm: the buyer
// hands the same ack over again, and taking it twice is taking it once. A buyer whose
// stream finds no slot is reset, and tries again or acknowledges on chain.
//
// The server takes steps in this order: admit, read, validate, ask for the peer's
// account, take, answer.
package ack
