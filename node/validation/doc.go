// Package validation is the wire protocol by which a seller asks a validator to
// check a deal: /pdx/<chain-id>/validate/1.
//
// It moves messages and bounds them; it decides nothing. Whether a request is
// true is the validator's business (node/validator, behind [Handler]); when to
// ask and what an answer means is the seller's (node/seller).
//
// One stream is one validation:
//
//	seller → validator   Request   deal, opening M, dleq-v1 proof
//	validator → seller   Progress  queued, pulling, checking, certifying, …
//	validator → seller   Progress  done with a verdict, or failed with a reason
//
// Frames are those of p2p/stream, which also admits streams and ends them. The asker
// keeps its side of the stream open for as long as it wants the answer; when it goes,
// or sends anything more, the validator stops its work, except for a certificate on
// its way. It may go with a verdict that waits for a block. The validator repeats its
// last progress every keepAlive, so an asker that hears nothing for silence knows
// that the validator is dead.
//
// The server takes steps in this order: admit the stream, read, validate, ask for the
// asker's account, admit the request, queue, work, answer. The queue is the
// validator's: it says how many requests of one asker it takes.
//
// Strings from the other side are cut to length and cleared of control
// characters before anyone sees them. The opening M never reaches a log:
// [Request] redacts itself.
//
// Client and the server are safe for concurrent use.
package validation
