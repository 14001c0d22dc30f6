package api

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// Pull orders datasets of a pool into a folder.
func (s *Service) Pull(ctx context.Context, r *nodepb.PullRequest) (*nodepb.PullResponse, error) {
	return &nodepb.PullResponse{}, s.buyer.Pull(ctx, model.PullOrder{Pool: pdx.PoolID(r.PoolId), Deal: pdx.DealID(r.DealId), Out: r.Out})
}

// ListPulls lists this buyer's deals as they come in.
func (s *Service) ListPulls(ctx context.Context, r *nodepb.ListPullsRequest) (*nodepb.ListPullsResponse, error) {
	page, err := toPage(r)
	if err != nil {
		return nil, err
	}
	pulls, next, err := s.buyer.ListPulls(ctx, pdx.PoolID(r.PoolId), page)
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListPullsResponse{NextCursor: next}
	for _, p := range pulls {
		res.Pulls = append(res.Pulls, fromPull(p))
	}
	return res, nil
}

// PrunePulls forgets pulls of long ago.
func (s *Service) PrunePulls(ctx context.Context, r *nodepb.PrunePullsRequest) (*nodepb.PrunePullsResponse, error) {
	prune, err := toPrune(r)
	if err != nil {
		return nil, err
	}
	gone, err := s.buyer.PrunePulls(ctx, prune)
	if err != nil {
		return nil, err
	}
	res := &nodepb.PrunePullsResponse{Kept: uint64(gone.Kept), NextCursor: gone.Next}
	for _, p := range gone.Pulls {
		res.Pulls = append(res.Pulls, fromPull(p))
	}
	return res, nil
}

func fromPull(p model.Pull) *nodepb.Pulled {
	view := &nodepb.Pulled{
		DealId: uint64(p.Deal), PoolId: uint64(p.Pool), State: string(p.State), Reason: p.Reason, Held: p.Held, Size: p.Size,
		Refund: FromAmount(p.Refund),
	}
	if p.Opened != nil {
		view.Path, view.Records = p.Opened.Path, p.Opened.Records
	}
	if p.Evidence != nil {
		view.Fault, view.FaultSegment = string(p.Evidence.Fault), p.Evidence.Segment
	}
	return view
}
