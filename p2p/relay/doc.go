// Package relay lets nodes that peers cannot dial be reached through nodes that peers can.
//
// A [Server] serves circuit relay v2 for the nodes of one chain. It uses go-libp2p's relay
// service without a limit for each circuit, and adds two things: only peers whose account
// has something at stake on the chain may reserve a slot, and the bytes of circuits are
// counted, for each account and in all, and cut off beyond the limits. A relay passes on
// what the two ends have encrypted for each other, and reads nothing of it.
//
// A [Client] keeps reservations at relays while this node cannot be dialled, and checks
// from outside that they work.
package relay
