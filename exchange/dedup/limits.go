package dedup

// The layout of a sealed set, in bytes and counts.
const (
	// FingerprintLen is the length of a fingerprint: the number of the key, and 15 bytes of a
	// keyed hash. Among the fingerprints of 10^9 records of a pool, one of 4,000,000 is met by
	// chance with a probability of 2^-68.
	FingerprintLen = 16
	// SegmentSize is the size of a full segment of a sealed set; the last segment is shorter.
	SegmentSize = 65_536
	// tagSize is what the cipher adds to a segment.
	tagSize = 16
	// perSegment is the number of fingerprints of a full segment: 4,095.
	perSegment = (SegmentSize - tagSize) / FingerprintLen
	// MaxFingerprints bounds a set: 64 MB in memory. It is what a check of unique keys
	// remembers of a dataset at most.
	MaxFingerprints = 4_000_000
	// MaxKeys bounds the keys of a record.
	MaxKeys = 256
)

// MaxSize is the size of the largest sealed set.
var MaxSize = SealedSize(MaxFingerprints)

// SealedSize returns the size of the sealed set of n fingerprints.
func SealedSize(n uint64) uint64 { return n*FingerprintLen + (n/perSegment+1)*tagSize }

// ValidSize reports whether a sealed set with at least one fingerprint, and not too many, can
// have this size.
func ValidSize(size uint64) bool {
	last := size % SegmentSize
	return size > tagSize && size <= MaxSize && last >= tagSize && last%FingerprintLen == 0
}
