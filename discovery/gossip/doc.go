// Package gossip carries the notices of a pool over one gossipsub topic per pool,
// /pdx/<chain-id>/pool/<pool id>/1: sellers announce offers, validators their queues, and
// peers the ciphertexts that they serve.
//
// A notice is only a hint, to be checked on chain: losing every notice costs time, never money.
// It proves its author's account by a binding to the peer id that signed the message.
//
// An invalid notice (malformed, too large, forged, of another pool, or by an account without
// the role on chain) is rejected and costs its sender score. A notice that may be valid elsewhere
// or later (stale or early by the clock, or of a role not known here yet) is ignored and not
// forwarded.
//
// Flow: Start joins the mesh of all pools of the chain; Join subscribes to one
// pool and keeps a few of its peers connected, if Options.Find is set;
// Publish and Next send and receive; Close leaves. Each pool may be joined many times.
//
// A Mesh is safe for concurrent use. It starts once and stops once.
package gossip
