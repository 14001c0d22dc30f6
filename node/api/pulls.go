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
func (s *Service) ListPulls(_ context.Context, r *nodepb.ListPullsRequest) (*nodepb.ListPullsResponse, error) {
	res := &nodepb.ListPullsResponse{}
	for _, p := range s.buyer.Pulls(pdx.PoolID(r.PoolId)) {
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
