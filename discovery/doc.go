// Package discovery finds the peers that take part in a pool or that have a ciphertext,
// in a Kademlia DHT for one chain. The DHT's protocol is /pdx/<chain-id>/kad/1.0.0, so
// that nodes of different chains do not mix.
//
// The DHT stores only unproven statements, such as "this peer acts as a seller in pool
// 7". The chain decides which account is a seller, and discovery/identity proves which
// account a peer speaks for. Losing all of the DHT costs time, never money.
//
// Start opens the DHT. A loop keeps the routing table filled from the configured peers,
// from Options.Seeds (the chain's registered validators) and, if configured, by mDNS.
// It sleeps while there are enough peers, and wakes when there are too few or when a
// search starts. Announce adds a key to a list that survives a restart, and passes it
// to the sweeping provider of libp2p's DHT, which announces it at once and then every 4
// hours, one region of the key space after the other. Find queries the DHT and returns
// a bounded number of peers.
//
// Records that others store at this node are kept on disk, within limits
// (discovery/netdb), and their requests are limited per peer and per address group (see
// package p2p/stream). Peers of the routing table are stored over a restart.
//
// An unlisted node (Options.Unlisted) finds others and announces nothing. The peers to
// which it connects still see it.
//
// Loopback and private addresses are neither announced nor accepted, unless
// Options.LocalNetwork is set, for a network on one machine or one LAN.
//
// A Discovery is safe for concurrent use. It can be started once. ErrInvalid and
// ErrUnavailable are those of package pdx.
package discovery
