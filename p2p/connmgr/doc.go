// Package connmgr decides which connections a node keeps when it has too many. A
// [Manager] is libp2p's connection manager with three additions:
//
//   - A peer is protected while work with it is under way, for each piece of work by
//     itself: see [Begin], [Serve] and [Transfer]. The number of protected peers of one
//     address group is limited, and a peer that this node has no business with can
//     hold protection for a limited time only.
//   - The more connections an address group has, the sooner its further ones are
//     closed, so that a crowd behind few addresses is thinned out before anybody else
//     is touched.
//   - What libraries want protected because it is in a table of theirs (the mesh of a
//     topic, the far buckets of the DHT) is preferred instead: any stranger can get
//     into these tables and stay there.
//
// The order in which connections are closed is that of libp2p: protected peers and
// those of the first minute are not touched; of the others, the lowest sum of tags goes
// first, then those without streams, then inbound ones.
//
// An address group is an IPv4 address or an IPv6 /56; see package internal/addrgroup.
//
// All types are safe for concurrent use.
package connmgr
