// Command rivals moves the bytes of a file by bitswap, for the comparisons of
// ../transfer, which starts it. It is a module of its own so that the product does not
// depend on what it is compared with.
//
//	rivals add WAY FILE DIR             makes FILE ready, in DIR, as it is before anybody pulls
//	rivals serve WAY LISTEN FILE DIR    serves it until standard input ends
//	rivals pull WAY LISTEN PEER DIR SIZE
//
// DIR is one folder for both ends: what the puller is told lies there, and what
// was pulled (data). Serving and pulling speak to their parent as the roles of
// ../transfer do: a JSON value when they are ready and one when they are done.
//
// A WAY is one of three:
//
//   - known is easier than any real node has it: blocks lie in one file with an
//     index in memory instead of a data store, and the puller is told all CIDs
//     instead of finding them level by level. It measures the protocol, not its
//     surroundings.
//   - get is what a user of Kubo has with `ipfs add --cid-version 1` and `ipfs get`,
//     with its defaults (v0.40 to v0.43) and the libraries of which it is made: the
//     puller is told the root, walks the graph in one session, keeps each block as a
//     file and writes the whole beside them. Only what costs Kubo and does not move
//     the bytes is left out: announcing blocks in the DHT, metrics, and the tar
//     stream from its daemon to its command. Leaves that are raw (with CIDv0, the
//     default, they are wrapped) save it work, too.
//   - pin is the same with an `ipfs pin add` before the get, both timed: it wants
//     more blocks at a time, and then reads all once more from its own disk.
//
// Connections are libp2p as it comes, over the transport of LISTEN, a multiaddr.
//
//	main.go      the verbs
//	way.go       what a way is, and the folder
//	known*.go, kubo*.go
package main
