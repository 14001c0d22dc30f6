// Package discovery finds who is present in a pool and who holds a ciphertext,
// over a Kademlia DHT of the chain's own: its protocol is
// /pdx/<chain-id>/kad/1.0.0, so that nodes of different chains never meet.
//
// What is stored in the DHT is presence only: "this peer says that it acts as
// a seller in pool 7". It proves nothing: the truth is on chain, and
// discovery/identity proves which account a peer speaks for. Losing all of it costs time, never
// money.
//
// Flow: New wires, Start opens the DHT. A loop keeps the routing table filled
// from configured peers, a function that yields addresses (the chain's
// registered validators) and, if configured, mDNS; it sleeps while there are
// enough peers and wakes when they are gone or when a search starts.
// Announce writes into a list that survives a restart and hands the key to a
// sweeping provider, which announces it now and again on schedule, region by
// region. Find asks the DHT and returns at most a bounded number of peers.
//
// What others announce here is kept on disk, within caps (discovery/netdb), and
// their requests cost tokens, per peer and per address group. Peers
// of the routing table are remembered over a restart.
//
// A node may be unlisted: it finds others and announces nothing. It is still
// seen by the peers it connects to.
//
// On open networks, loopback and private addresses are neither announced nor
// believed; Options.LocalNetwork lifts this for a network on one machine or one LAN.
//
// Discovery is safe for concurrent use. It starts once and stops once.
package discovery
