// Package netdb stores what a node learns from the network and can lose without harm:
// the provider records that others store at it (which peer announces which DHT key),
// the peers to dial after a restart, and the node's own announcements with their
// schedule. It uses a separate SQLite file, so that what strangers send can neither
// fill nor lock the database with the node's deals.
//
// Everything that strangers can make grow is limited per announcing peer, per address
// group (see package p2p/stream) and in all (limits.go). Beyond a limit, the oldest
// record of the largest peer of the largest group is removed, so that a flood replaces
// its own records, and a group loses records only if no other group has more.
//
// A damaged file is renamed and a new one is created. Writes reach the disk in batches
// and are not synced one by one: a power cut may lose the last ones.
package netdb
