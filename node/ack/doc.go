// Package ack is the wire protocol by which a buyer hands its ack of a deal to
// the seller off chain: /pdx/<chain-id>/ack/1.
//
// It moves one small message and bounds it; it decides nothing. Whether a voucher
// is good is the seller's business (node/seller, behind [Handler]); when to hand
// one over, and when to acknowledge on chain instead, the buyer's (node/buyer).
//
// One stream is one handover:
//
//	buyer → seller   Handover   deal, heights, public key, signature
//	seller → buyer   Answer     taken, later or refused
//
// A frame is a minimal unsigned varint of the length, then protobuf. Taken says
// that the seller has the voucher on disk. An answer that is lost does no harm:
// the buyer hands the same voucher over again, and to take it twice is to take it
// once. There is no text in it that anybody would have to clean.
//
// The server takes steps in this order: recover, service scope, place, memory,
// deadline, read, validate, take, answer. Places are bounded, over all and for
// each peer; who finds none is answered by a reset, and the buyer tries again or
// acknowledges on chain.
//
// Client and Server are safe for concurrent use.
package ack
