// Package kit checks a running node by its address: whether what it serves is what docs/spec
// says. Each check keeps or breaks one rule and judges the answer, and names the section that
// it is about. Where the node learns who asks, a check is a peer of its own, with a fresh
// identity and account.
//
// The kit speaks the protocols itself. Of this module it uses the messages, the frame codec
// and the pure packages, none of the servers and clients that a node is made of.
//
// What a stranger cannot see is not checked: what is served to parties of a deal, topics,
// and limits that an implementation chooses itself.
package kit
