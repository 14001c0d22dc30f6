// Package netdb stores what a node learns from the network and can lose without
// harm: the provider records that others announce to it, the peers that are
// worth dialling after a restart, and the node's own announcements with their
// schedule. It is one SQLite file of its own, so that what strangers send can
// neither fill nor lock the database that holds the node's deals.
//
// Everything that a stranger can make grow is capped per announcing peer, per
// address group and in all (limits.go). Over a cap, the oldest record of
// the largest peer of the largest group is evicted: a flood displaces itself, and a group loses
// records only if no other group has more.
//
// A damaged file is set aside and a new one is made. Writes reach the disk in
// batches, without a sync each: a power cut may lose the last ones.
package netdb
