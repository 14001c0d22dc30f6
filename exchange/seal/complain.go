package seal

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/proof"
)

// ProveComplaint returns M_j, the key of block j, and a dleq-v1 of 64 bytes that proves
// it. With both and the ciphertext, anybody can verify that a segment of the block does
// not decrypt. It does not check j against the dataset's size.
func (k *Key) ProveComplaint(ctx [32]byte, j uint64) (mj pdx.Element, prf []byte, err error) {
	return proof.ProveComplaint(ctx, k.secret, k.nonce, j)
}

// ProveOpen returns M as a delivery contains it, and an open-v1 of 64 bytes that proves
// it. With both, anybody can verify that the box does not open.
func (k BuyerKey) ProveOpen(ctx [32]byte, d1, d2 pdx.Element) (m pdx.Element, prf []byte, err error) {
	return proof.ProveOpen(ctx, k.secret, d1, d2)
}

// OpenSegment decrypts segment i of the ciphertext of ds with M_j, the key of the
// segment's block j = i / BlockSegments. sealed is the whole segment, with its tag. The
// chain uses it to judge a complaint.
//
// OpenSegment returns a *SegmentError if the segment is not authentic under this key;
// only that is evidence against the dataset. It returns pdx.ErrInvalid for an index, a
// length or a cipher that the dataset cannot have. The caller must check that mj is the
// key of the block (proof.VerifyComplaint) and that sealed is segment i under ds.Root
// (bao.VerifySegment).
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
