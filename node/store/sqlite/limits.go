package sqlite

import "time"

const (
	// busyTimeout is how long a connection waits for another one's lock. Writes
	// of this package take milliseconds; only a checkpoint on a slow disk or a
	// foreign process (a backup) holds the lock longer.
	busyTimeout = 10 * time.Second

	// readers is how many reads run at once beside the writer: more than a
	// node's roles and its API ask at the same time, few enough to stay small
	// (each holds a page cache of about 2 MiB).
	readers = 4

	// adoptStep is how many rows one transaction gives a checksum: a few MiB of
	// ordinary rows, and far less than a second of work.
	adoptStep = 500
)
