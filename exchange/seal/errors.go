package seal

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// What is wrong with a dataset. All wrap pdx.ErrCorrupt: its seller is to blame
// when M and the ciphertext are the certified ones.
var (
	// ErrBox: the box does not hold the key's secret; M opens nothing.
	ErrBox = fmt.Errorf("%w: the box does not open to the dataset's key", pdx.ErrCorrupt)
	// ErrSize: the ciphertext is shorter or longer than certified.
	ErrSize = fmt.Errorf("%w: not the certified size", pdx.ErrCorrupt)
	// ErrCommitment: every segment decrypts, but to other plaintext than committed.
	ErrCommitment = fmt.Errorf("%w: not the committed plaintext", pdx.ErrCorrupt)
)

// ErrSealed: the key has sealed a dataset, or came from one; take a new nonce.
var ErrSealed = fmt.Errorf("%w: the dataset's key has been used for sealing", pdx.ErrWrongState)

// SegmentError says which segment does not decrypt; it is what a complaint is
// about. It wraps pdx.ErrCorrupt.
type SegmentError struct {
	Index uint64 // over the whole ciphertext
}

// Error implements error.
func (e *SegmentError) Error() string { return fmt.Sprintf("segment %d does not decrypt", e.Index) }

// Unwrap returns pdx.ErrCorrupt.
func (e *SegmentError) Unwrap() error { return pdx.ErrCorrupt }
