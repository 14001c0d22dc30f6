package seal

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// Faults of a dataset. All wrap pdx.ErrCorrupt. The seller is at fault if M and the
// ciphertext are the certified ones.
var (
	// ErrBox: the box does not contain the secret of the dataset's key, so M opens
	// nothing.
	ErrBox = fmt.Errorf("%w: the box does not open to the dataset's key", pdx.ErrCorrupt)
	// ErrSize: the ciphertext is shorter or longer than certified.
	ErrSize = fmt.Errorf("%w: not the certified size", pdx.ErrCorrupt)
	// ErrCommitment: every segment decrypts, but the plaintext is not the committed
	// one.
	ErrCommitment = fmt.Errorf("%w: not the committed plaintext", pdx.ErrCorrupt)
)

// ErrSealed: the key has been used for sealing already, or comes from OpenDataset. Seal
// with the key of a new nonce.
var ErrSealed = fmt.Errorf("%w: the dataset's key has been used for sealing", pdx.ErrWrongState)

// A SegmentError names a segment that does not decrypt, about which the buyer can
// complain. It wraps pdx.ErrCorrupt.
type SegmentError struct {
	Index uint64 // from 0, over the whole ciphertext
}

// Error names the segment.
func (e *SegmentError) Error() string { return fmt.Sprintf("segment %d does not decrypt", e.Index) }

// Unwrap returns pdx.ErrCorrupt.
func (e *SegmentError) Unwrap() error { return pdx.ErrCorrupt }
