package ingest

import "time"

// Limits are the numbers of an Intake and of Batches. They are not configuration:
// tests change them.
type Limits struct {
	// Buffers bounds the segments of a pull that were received and are not written,
	// 4 MiB: one for each of 32 streams, and as many for the checkers.
	Buffers int
	// Checkers bounds the goroutines that verify and write for one pull; there are
	// as many as cores. One core hashes faster than 10 Gbit/s.
	Checkers int

	// CheckpointMin, CheckpointMax and CheckpointTime bound what a crash costs: see
	// checkpointEvery.
	CheckpointMin, CheckpointMax uint64
	CheckpointTime               time.Duration

	// BatchBytes and BatchBlobs are the size at which a batch is made durable, and
	// CheckpointTime is the age. A crash costs two batches at most, since the next one
	// fills meanwhile. A sync of 16 MiB takes longer than what is fixed about it.
	BatchBytes, BatchBlobs int
}

// DefaultLimits are the limits of the product.
func DefaultLimits() Limits {
	return Limits{
		Buffers:        64,
		Checkers:       8,
		CheckpointMin:  2 << 20,
		CheckpointMax:  16 << 20,
		CheckpointTime: 5 * time.Second,
		BatchBytes:     16 << 20,
		BatchBlobs:     1 << 14,
	}
}

// checkpointEvery is how many bytes of a blob of size bytes are put before a
// checkpoint begins: one in two hundred, because as many again may be put while
// it waits for the disk, and a crash may cost one in a hundred. It is at least a
// few MiB, and at most CheckpointMax, which a disk of 150 MB/s takes in a tenth of a
// second: while a pull waits longer than that, its streams' windows fill up with what
// is sent meanwhile.
func (l Limits) checkpointEvery(size uint64) uint64 {
	return min(max(size/200, l.CheckpointMin), l.CheckpointMax)
}
