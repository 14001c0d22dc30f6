// Package alive closes connections whose path is gone.
//
// A path that dies says nothing: the address of this machine or of its NAT has changed, the machine
// slept until the NAT forgot it, the peer is at another address now. The transports notice it by
// their keep-alives after 40 seconds, and until then libp2p opens new streams on the dead
// connection, also if the peer has another one. Shorter keep-alives would wake every idle
// connection of every node; this package asks only when there is a reason:
//
//   - the addresses of this machine's interfaces changed, or it slept: every connection,
//   - a peer connects from another address or over another relay: its older connections,
//   - a relay through which peers reach this node is quiet: its connection, every few seconds, and
//     every other if it does not answer,
//   - a source of a pull is silent (package transfer): its connections, and those to its relay.
//
// When one is closed to a peer with which work or a deal is under way, the peer is dialled, for it
// may not know where this node is now.
//
// A connection is asked by opening a stream of the ping protocol on it; any answer will do. One
// that is busy sending is not asked for an answer, which would wait behind what is sent: that bytes
// go on being accepted proves its path.
package alive
