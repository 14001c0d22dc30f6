// Package light reads a chain from endpoints that are not trusted, and verifies their
// answers.
//
// [Headers] begins at an [Anchor], a header that its owner trusts, and verifies
// newer ones from it by CometBFT's light client: a header is accepted if more
// than two thirds of its chain validators signed it, enough of which are known from a verified
// one. The application hash of the header of block h commits to the
// state after block h-1; [Headers.Value] reads a key of a module's store there
// and verifies the endpoint's ICS-23 proof of presence or absence.
//
// The caller chooses a Source, and errors say how to judge it: a *Lie is a proven false
// answer, while ErrStale and pdx.ErrUnavailable need not be the source's fault.
// Headers.Agree asks further sources for the same block; if two verified blocks of one
// height differ, it returns ErrFork, and nothing can be trusted.
//
// A [Memory] stores the newest verified block at intervals, so that a node continues from there
// after a restart. Without it, verification starts at the anchor again, as it does when the
// configured anchor changes.
//
// The trusting period is how long a verified header may be used to verify others. It
// must be shorter than the unbonding period of the stake of the chain's validators:
// after that they can sign a false header without losing their stake.
//
// Headers is safe for concurrent use; no lock is held while a source is asked.
package light
