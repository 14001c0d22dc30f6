// Package gossip carries the talk of a pool: one gossipsub topic per pool,
// /pdx/<chain-id>/pool/<pool id>/1, on which sellers announce offers, validators
// tell their queue, and whoever holds a ciphertext says so.
//
// A notice is a hint. It names its author's account by a binding to the peer id
// that signed the message, and what it says is to be read from the chain:
// losing every notice costs time, never money.
//
// What is wrong (malformed, too large, forged, another pool's, by an account
// that the chain does not give the role) is rejected and costs its sender
// score; what may become right (stale or early by the clock, a role not yet
// known here) is ignored and passed on by nobody.
//
// Flow: Start joins the mesh of all pools of the chain; Join subscribes to one
// pool and keeps a few of its peers connected, where Options.Find is given;
// Publish and Next talk; Close leaves. Each pool may be joined many times.
//
// A Mesh is safe for concurrent use. It starts once and stops once.
package gossip
