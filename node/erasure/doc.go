// Package erasure lets a seller ask the buyer of a deal to delete what it bought, and the buyer
// answer: /pdx/<chain-id>/erasure/1.
//
// One stream is one request:
//
//	seller → buyer   Request   deal, time, reason, public key, signature
//	buyer → seller   Answer    taken, later, invalid, or the buyer's signed answer
//
// A [Service] is both sides of one account. The seller sends its request again, at pauses that
// grow, until it has an answer or the request lapses after model.ErasureTime; a request that
// the buyer knows is answered with what became of it, so that a lost answer does no harm. The
// buyer's answer is a person's: the node deletes nothing by itself.
//
// The server takes steps in this order: admit, read, validate, ask for the peer's account, take,
// answer. Frames are those of p2p/stream. Both sides keep what was asked and answered, with the
// signatures, in their store; work is for requests that are open, and does not grow with history.
package erasure
