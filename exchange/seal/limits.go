package seal

// The layout of a ciphertext, in bytes and counts.
const (
	// SegmentSize is the size of a full segment of ciphertext, which is one chunk group
	// of the BLAKE3 tree (bao.SegmentSize).
	SegmentSize = 65_536
	// TagSize is the size of the tag that each cipher adds to a segment.
	TagSize = 16
	// PlainSegment is the size of the plaintext of a full segment.
	PlainSegment = SegmentSize - TagSize
	// BlockSegments is the number of segments that share a key.
	BlockSegments = 16
)

const (
	blockSize  = BlockSegments * SegmentSize  // 1 MiB of ciphertext
	plainBlock = BlockSegments * PlainSegment // 1,048,320 bytes of plaintext
)

// ValidSize reports whether a ciphertext can have this size: its last segment must be
// shorter than a full one and hold at least a tag.
func ValidSize(size uint64) bool { return size%SegmentSize >= TagSize }

// Segments returns the number of segments of a ciphertext of this size.
func Segments(size uint64) uint64 { return ceilDiv(size, SegmentSize) }

// Blocks returns the number of blocks of a ciphertext of this size.
func Blocks(size uint64) uint64 { return ceilDiv(Segments(size), BlockSegments) }

// CiphertextSize returns the size of the ciphertext of plain bytes of plaintext, which
// must be below 2^63.
func CiphertextSize(plain uint64) uint64 {
	return plain/PlainSegment*SegmentSize + plain%PlainSegment + TagSize
}

// PlaintextSize returns the size of the plaintext of a ciphertext of this size, which
// must be valid.
func PlaintextSize(size uint64) uint64 { return size - Segments(size)*TagSize }

func ceilDiv(n, d uint64) uint64 {
	q := n / d
	if n%d != 0 {
		q++
	}
	return q
}
