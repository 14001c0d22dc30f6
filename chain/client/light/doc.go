// Package light proves what a chain holds to somebody who believes none of the
// endpoints that are asked for it.
//
// [Headers] begins at an [Anchor], a header that its owner trusts, and verifies
// newer ones from it by CometBFT's light client: a header counts when more than
// two thirds of its chain validators signed it, of whom enough are known from a
// verified one. The application hash of the header of block h commits to the
// state after block h-1; [Headers.Value] reads a key of a module's store there
// and verifies the ICS-23 proof that the endpoint must bring, of presence or of
// absence.
//
// Nothing here decides whom to ask. A caller gives a [Source], and errors say
// what to think of it: a [Lie] is proven, [ErrStale] and pdx.ErrUnavailable are
// not its fault for certain. [Headers.Agree] asks further sources for the same
// block; two that both verify and differ are [ErrFork], and nothing is to be
// trusted.
//
// What was verified is kept by a [Memory] from time to time, so that a node that
// starts again goes on from there. Losing it costs the way from the anchor only.
// It is dropped when the configured anchor changes: the owner is always right.
//
// The trusting period is how long a verified header vouches for others: it must
// be shorter than chain validators' stake takes to unbond, for a longer time
// they could sign anything without losing it.
//
// Headers is safe for concurrent use; no lock is held while a source is asked.
package light
