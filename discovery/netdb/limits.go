package netdb

import "time"

const (
	// maxPeerRecords bounds the records of one announcing peer. In a network of at
	// most 20 nodes, each of them holds all keys of everybody: 10,000 datasets of
	// one seller and its pools fit, with half as much again to spare.
	maxPeerRecords = 16_384
	// maxGroupWeight bounds one address group: four peers at their own limit
	// behind one address.
	maxGroupWeight = 4 * (maxPeerRecords + peerWeight)
	// maxWeight bounds everything: eight full groups, or 2,000 peers with 250 keys
	// each. A record takes about 190 bytes with its index entries (290 if its key
	// has the longest allowed length) and a peer at most 1.3 KiB, which is why it
	// weighs as much as eight records: the file stays below 160 MiB.
	maxWeight = 524_288
	// peerWeight is what one announcing peer weighs beside its records.
	peerWeight = 8
	// maxKeyPeers bounds the peers of one key: a search ends with 256 at most. It
	// also bounds what one answer and one record of a full key read, about 1 ms.
	maxKeyPeers = 256
	// maxServed bounds the peers of one answer, whose addresses are a read each:
	// a search ends with 32 by default, and asks 20 servers, which answer with
	// different ones.
	maxServed = 64
	// maxKey bounds a key in bytes; it is the DHT's own bound. Keys of this
	// network have 34.
	maxKey = 80

	// maxAddrs bounds the addresses kept of one peer: TCP and QUIC on four
	// interfaces, in two families. maxAddrBytes bounds them in bytes: 16 of the
	// usual 8 to 60.
	maxAddrs     = 16
	maxAddrBytes = 1024

	// queueLen bounds records that wait to be written, and with it the size of one
	// transaction: 256 take about 50 ms, which is how long others may wait. A full
	// queue holds up the streams that feed it.
	queueLen = 256
	// expireBatch bounds the expired records removed in one transaction.
	expireBatch = 256
	// expireTick is the interval between removals of expired records while nothing is
	// announced, and the least interval between log lines about the same trouble, since
	// strangers cause the failing writes.
	expireTick = time.Minute

	// maxContacts bounds the remembered peers, and maxGroupContacts those of one
	// address group. 8 are dialled at a time; most of 512 may be gone after weeks.
	maxContacts      = 512
	maxGroupContacts = 8
	// contactLife is how long a peer is kept that was not seen again.
	contactLife = 30 * 24 * time.Hour

	// readers is how many reads run at once; each holds a page cache of 2 MiB.
	readers = 2
	// busyTimeout is how long a statement waits for a lock, which only a
	// checkpoint on a slow disk holds for long.
	busyTimeout = 10 * time.Second
	// walLimit bounds the write-ahead log at rest, in bytes. SQLite writes it back
	// whenever it has 1,000 pages (4 MiB).
	walLimit = 8 << 20
)
