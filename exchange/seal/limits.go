package seal

// The layout of a ciphertext, in bytes and counts.
const (
	// SegmentSize is a full segment of ciphertext: one group of the BLAKE3 tree.
	SegmentSize = 65_536
	// TagSize is what either AEAD adds to a segment.
	TagSize = 16
	// PlainSegment is the plaintext of a full segment.
	PlainSegment = SegmentSize - TagSize
	// BlockSegments is how many segments share a key.
	BlockSegments = 16
)

const (
	blockSize  = BlockSegments * SegmentSize  // 1 MiB of ciphertext
	plainBlock = BlockSegments * PlainSegment // 1,048,320 bytes of plaintext
)

// ValidSize reports whether a ciphertext can have this size: its last segment is
// shorter than full and holds at least a tag.
func ValidSize(size uint64) bool { return size%SegmentSize >= TagSize }

// Segments returns the number of segments of a ciphertext of this size.
func Segments(size uint64) uint64 { return ceilDiv(size, SegmentSize) }

// Blocks returns the number of blocks of a ciphertext of this size.
func Blocks(size uint64) uint64 { return ceilDiv(Segments(size), BlockSegments) }

// CiphertextSize returns the size that so many bytes of plaintext are sealed to. The
// plaintext is below 2^63 bytes.
func CiphertextSize(plain uint64) uint64 {
	return plain/PlainSegment*SegmentSize + plain%PlainSegment + TagSize
}

// PlaintextSize returns the inverse of CiphertextSize, for a valid size.
func PlaintextSize(size uint64) uint64 { return size - Segments(size)*TagSize }

func ceilDiv(n, d uint64) uint64 {
	q := n / d
	if n%d != 0 {
		q++
	}
	return q
}
