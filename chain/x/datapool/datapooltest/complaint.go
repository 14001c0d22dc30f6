package datapooltest

import (
	"bytes"
	"fmt"

	"lukechampine.com/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
)

// SpoilSegment returns the dataset as a seller offers it that wants to be paid for
// garbage: one bit of a segment is another, and the root is that of the result.
func (s Sealed) SpoilSegment(i uint64) Sealed {
	return s.Rewrite(func(b []byte) { b[i*seal.SegmentSize] ^= 1 })
}

// Rewrite returns the dataset with another ciphertext, which change makes of a copy,
// and its root.
func (s Sealed) Rewrite(change func([]byte)) Sealed {
	s.Ciphertext = bytes.Clone(s.Ciphertext)
	change(s.Ciphertext)
	s.Dataset.Root = blake3.Sum256(s.Ciphertext)
	return s
}

// SpoilBox returns the dataset with a box that does not open.
func (s Sealed) SpoilBox() Sealed {
	s.Dataset.Box[0] ^= 1
	return s
}

// Slice returns the evidence about segment i.
func (s Sealed) Slice(i uint64) []byte {
	tree := make(memory, bao.TreeSize(s.Dataset.Size))
	builder := bao.NewBuilder(tree)
	if _, err := builder.Write(s.Ciphertext); err != nil {
		panic(fmt.Sprintf("datapooltest: hash: %v", err))
	}
	if _, _, err := builder.Finish(); err != nil {
		panic(fmt.Sprintf("datapooltest: hash: %v", err))
	}
	var slice bytes.Buffer
	run := bao.Range{First: i, Count: 1}
	if err := bao.WriteSlice(&slice, s.Dataset.Root, s.Dataset.Size, bytes.NewReader(tree), bytes.NewReader(s.Ciphertext), run); err != nil {
		panic(fmt.Sprintf("datapooltest: slice: %v", err))
	}
	return slice.Bytes()
}

// memory is a tree file of known length.
type memory []byte

func (m memory) WriteAt(p []byte, at int64) (int, error) { return copy(m[at:], p), nil }

// NewSegmentComplaint returns a message about segment i that is well-founded in all
// but that the segment may decrypt.
func (c *Chain) NewSegmentComplaint(deal types.Deal, s Sealed, i uint64) *types.MsgComplain {
	block := i / seal.BlockSegments
	bound := attest.ComplainBlock{ChainID: c.Head().ChainID, Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer), Block: block}
	mj, proof, err := s.Key.ProveComplaint(bound.Hash(), block)
	if err != nil {
		panic(fmt.Sprintf("datapooltest: complain: %v", err))
	}
	return &types.MsgComplain{Buyer: deal.Buyer, DealId: deal.Id, Segment: &types.SegmentComplaint{
		Index: i, BlockKey: mj[:], Proof: proof, Slice: s.Slice(i),
	}}
}

// NewBoxComplaint returns a message about the box that is well-founded in all but
// that the box may open.
func (c *Chain) NewBoxComplaint(deal types.Deal, key seal.BuyerKey) *types.MsgComplain {
	bound := attest.ComplainBox{ChainID: c.Head().ChainID, Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer)}
	m, proof, err := key.ProveOpen(bound.Hash(), pdx.Element(deal.Delivery.D1), pdx.Element(deal.Delivery.D2))
	if err != nil {
		panic(fmt.Sprintf("datapooltest: complain: %v", err))
	}
	return &types.MsgComplain{Buyer: deal.Buyer, DealId: deal.Id, Box: &types.BoxComplaint{Opening: m[:], Proof: proof}}
}
