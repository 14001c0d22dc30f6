package seal

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/proof"
)

// ProveComplaint gives M_j, the key of block j, and shows that it is: dleq-v1,
// 64 bytes. With it and the ciphertext anybody can see that a segment of the
// block does not decrypt. j is not checked against any size.
func (k *Key) ProveComplaint(ctx [32]byte, j uint64) (mj pdx.Element, prf []byte, err error) {
	return proof.ProveComplaint(ctx, k.secret, k.nonce, j)
}

// ProveOpen gives M, which a delivery holds, and shows that it does: open-v1, 64
// bytes. With it anybody can see that the box does not open.
func (k BuyerKey) ProveOpen(ctx [32]byte, d1, d2 pdx.Element) (m pdx.Element, prf []byte, err error) {
	return proof.ProveOpen(ctx, k.secret, d1, d2)
}

// OpenSegment decrypts segment i of the ciphertext of ds with M_j, the key of
// the segment's block j = i / BlockSegments: what a complaint is about. sealed
// is the whole segment. A segment that is not authentic under this key is a
// *SegmentError, and only that is evidence against the dataset. An index, a length
// or a cipher that the dataset cannot have is the caller's mistake: pdx.ErrInvalid. That mj is the
// key of the block, and that sealed lies under ds.Root, is the caller's to check.
func OpenSegment(mj pdx.Element, ds pdx.Dataset, i uint64, sealed []byte) ([]byte, error) {
	if !ValidSize(ds.Size) || i >= Segments(ds.Size) {
		return nil, fmt.Errorf("open segment %d: %w: a ciphertext of %d bytes has none", i, pdx.ErrInvalid, ds.Size)
	}
	if want := min(SegmentSize, ds.Size-i*SegmentSize); uint64(len(sealed)) != want {
		return nil, fmt.Errorf("open segment %d: %w: %d bytes, not %d", i, pdx.ErrInvalid, len(sealed), want)
	}
	c, err := expandBlock(mj, ds.AEAD, ds.Key, ds.Nonce, i/BlockSegments)
	if err != nil {
		return nil, fmt.Errorf("open segment %d: %w", i, err)
	}
	plain, err := c.aead.Open(nil, c.nonce(i), sealed, nil)
	if err != nil {
		return nil, &SegmentError{Index: i}
	}
	return plain, nil
}
