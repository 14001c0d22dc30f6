package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
)

// errOpens: the evidence shows nothing wrong.
var errOpens = fmt.Errorf("%w: the dataset opens", pdx.ErrInvalid)

// complaint makes what shows the chain that a dataset does not open, and judges
// it as the chain will: a complaint that would be refused is not sent.
func (s *Service) complaint(ctx context.Context, deal pdx.Deal, e model.Evidence) (c pdx.Complaint, err error) {
	if e.Fault == model.FaultBox {
		c, err = s.boxComplaint(ctx, deal)
	} else {
		c, err = s.segmentComplaint(ctx, deal, e.Segment)
	}
	if err == nil {
		err = judge(s.chainID, deal, c)
	}
	return c, err
}

func (s *Service) boxComplaint(ctx context.Context, deal pdx.Deal) (c pdx.Complaint, err error) {
	b, _, err := s.deliveredKey(ctx, deal)
	if err != nil {
		return c, err
	}
	box := pdx.BoxComplaint{}
	box.Opening, box.Proof, err = b.ProveOpen(boxContext(s.chainID, deal), deal.Delivery.D1, deal.Delivery.D2)
	return pdx.Complaint{Deal: deal.ID, Box: &box}, err
}

func (s *Service) segmentComplaint(ctx context.Context, deal pdx.Deal, i uint64) (c pdx.Complaint, err error) {
	key, err := s.dataKey(ctx, deal)
	if err != nil {
		return c, err
	}
	segment := pdx.SegmentComplaint{Index: i}
	block := i / seal.BlockSegments
	if segment.BlockKey, segment.Proof, err = key.ProveComplaint(blockContext(s.chainID, deal, block), block); err != nil {
		return c, err
	}
	segment.Slice, err = s.blobs.Slice(ctx, deal.Dataset.Root, i)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		err = s.lost(ctx, deal, err)
	}
	return pdx.Complaint{Deal: deal.ID, Segment: &segment}, err
}

func boxContext(chainID string, deal pdx.Deal) [32]byte {
	return attest.ComplainBox{ChainID: chainID, Deal: deal.ID, Buyer: deal.Buyer}.Hash()
}

func blockContext(chainID string, deal pdx.Deal, block uint64) [32]byte {
	return attest.ComplainBlock{ChainID: chainID, Deal: deal.ID, Buyer: deal.Buyer, Block: block}.Hash()
}

// judge is nil only for a complaint that convicts: the chain's rules, in its
// order. errOpens when what is complained about opens.
func judge(chainID string, deal pdx.Deal, c pdx.Complaint) error {
	if c.Box != nil {
		return judgeBox(chainID, deal, *c.Box)
	}
	return judgeSegment(chainID, deal, *c.Segment)
}

func judgeBox(chainID string, deal pdx.Deal, c pdx.BoxComplaint) error {
	d := deal.Delivery
	if err := proof.VerifyOpen(boxContext(chainID, deal), deal.BuyerKey, d.D1, d.D2, c.Opening, c.Proof); err != nil {
		return err
	}
	_, err := seal.OpenDataset(c.Opening, deal.Dataset)
	return verdict(err, errors.Is(err, seal.ErrBox))
}

func judgeSegment(chainID string, deal pdx.Deal, c pdx.SegmentComplaint) error {
	ds, block := deal.Dataset, c.Index/seal.BlockSegments
	if err := proof.VerifyComplaint(blockContext(chainID, deal, block), ds.Key, ds.Nonce, block, c.BlockKey, c.Proof); err != nil {
		return err
	}
	sealed, err := bao.VerifySegment(c.Slice, ds.Root, ds.Size, c.Index)
	if err != nil {
		return fmt.Errorf("this machine's evidence: %v", err) // a dataset is not to blame
	}
	_, err = seal.OpenSegment(c.BlockKey, ds, c.Index, sealed)
	var bad *seal.SegmentError
	return verdict(err, errors.As(err, &bad))
}

// verdict turns the outcome of an opening around: only what is the dataset's
// fault makes a complaint good.
func verdict(opening error, guilty bool) error {
	switch {
	case opening == nil:
		return errOpens
	case guilty:
		return nil
	default:
		return opening
	}
}
