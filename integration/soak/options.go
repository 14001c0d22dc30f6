package soak

import "time"

// Options are how long the soak takes and who takes part.
type Options struct {
	Time                                 time.Duration
	Seed                                 uint64
	Sellers, Validators, Buyers, Hostile int
}

const (
	// deadlines are short enough that what is lost ends within the soak, and several
	// times what any disturbance lasts. That of the key, which costs a seller its deposit,
	// is long enough that no row of disturbances and no busy machine excuses it.
	deadlines = "certify=90s,ack=90s,key=5m,dispute=2s"
	// longest and shortest are how long a disturbance lasts, quiet is the longest time
	// between the beginnings of two.
	shortest, longest = 2 * time.Second, 12 * time.Second
	quiet             = 6 * time.Second
	// recovery is how long a node is left alone after a disturbance of its own,
	// chainRecovery how long the chain is, without which nothing can go on: deadlines are
	// counted by its clock, also while it is away.
	recovery, chainRecovery = 15 * time.Second, time.Minute
	// patience is how long deals, money and blobs may take to come to rest: longer than
	// all deadlines together.
	patience = 15 * time.Minute
	// homeSize is the file system of each home, in bytes.
	homeSize = 512 << 20
)
