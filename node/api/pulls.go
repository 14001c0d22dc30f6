package api

import (
	"context"
	"encoding/hex"
	"fmt"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// Pull orders datasets of a pool into a folder.
func (s *Service) Pull(ctx context.Context, r *nodepb.PullRequest) (*nodepb.PullResponse, error) {
	ordered, err := s.buyer.Pull(ctx, model.PullOrder{Pool: pdx.PoolID(r.PoolId), Deal: pdx.DealID(r.DealId), Out: r.Out})
	if err != nil {
		return nil, err
	}
	return &nodepb.PullResponse{
		Again: fromPulls(ordered.Again), Present: fromPulls(ordered.Present), Gone: fromPulls(ordered.Gone), Goes: ordered.Goes,
	}, nil
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
		view, err := s.fullPull(ctx, p)
		if err != nil {
			return nil, err
		}
		res.Pulls = append(res.Pulls, view)
	}
	return res, nil
}

// GetPull shows one pull.
func (s *Service) GetPull(ctx context.Context, r *nodepb.GetPullRequest) (*nodepb.GetPullResponse, error) {
	p, known, err := s.buyer.Pulled(ctx, pdx.DealID(r.DealId))
	if err == nil && !known {
		err = fmt.Errorf("%w: this node has pulled nothing in it", pdx.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("pull of deal %d: %w", r.DealId, err)
	}
	view, err := s.fullPull(ctx, p)
	return &nodepb.GetPullResponse{Pull: view}, err
}

// fullPull is a pull with its money and what its pool says, as far as that is known.
func (s *Service) fullPull(ctx context.Context, p model.Pull) (*nodepb.Pulled, error) {
	view := fromPull(p)
	money, err := s.book.Of(ctx, p.Deal)
	view.Money = fromMoney(money)
	if text, price, ok := s.book.Pool(ctx, p.Pool); ok {
		view.Title, view.Price = text.Title, FromAmount(price)
	}
	return view, err
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
	return &nodepb.PrunePullsResponse{Kept: uint64(gone.Kept), Pulls: fromPulls(gone.Pulls), NextCursor: gone.Next}, nil
}

// OpenPool makes plain files, and streams how far it is.
func (s *Service) OpenPool(ctx context.Context, r *nodepb.OpenPoolRequest, stream *connect.ServerStream[nodepb.OpenPoolResponse]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	order := model.PlainOrder{
		Pool: pdx.PoolID(r.PoolId), Out: r.Out, Format: r.Format, Merge: r.Merge, Spreadsheet: r.Spreadsheet, DryRun: r.DryRun,
	}
	for _, id := range r.DealIds {
		order.Deals = append(order.Deals, pdx.DealID(id))
	}
	p, err := s.buyer.OpenPool(ctx, order, func(p pdx.Progress) {
		if err := stream.Send(&nodepb.OpenPoolResponse{Step: string(p.Stage), Done: p.Done, Work: p.Total}); err != nil {
			cancel(err)
		}
	})
	if err != nil {
		return err
	}
	return stream.Send(fromPlain(p))
}

func fromPlain(p model.Plain) *nodepb.OpenPoolResponse {
	res := &nodepb.OpenPoolResponse{
		Out: p.Out, Format: p.Format, Merged: p.Merged, Keyed: p.Keyed, Formulas: p.Formulas, Waiting: p.Waiting,
	}
	for _, f := range p.Files {
		file := &nodepb.PlainFile{Path: f.Path, Size: f.Size, Records: f.Records}
		if f.SHA256 != [32]byte{} {
			file.Sha256 = hex.EncodeToString(f.SHA256[:])
		}
		res.Files = append(res.Files, file)
	}
	for _, d := range p.Deals {
		res.Deals = append(res.Deals, &nodepb.PlainDeal{
			DealId: uint64(d.Deal), Records: d.Read, First: d.First, Kept: d.Kept,
			Duplicates: d.Duplicates, Conflicts: d.Conflicts, Unreadable: d.Unreadable,
		})
	}
	return res
}

func fromPulls(pulls []model.Pull) (list []*nodepb.Pulled) {
	for _, p := range pulls {
		list = append(list, fromPull(p))
	}
	return list
}

func fromPull(p model.Pull) *nodepb.Pulled {
	view := &nodepb.Pulled{
		DealId: uint64(p.Deal), PoolId: uint64(p.Pool), State: string(p.State), Reason: p.Reason, Held: p.Held, Size: p.Size,
		Refund: FromAmount(p.Refund), Again: p.Again, Seller: string(p.Seller), Erased: atTime(p.Erased),
	}
	if p.Opened != nil {
		view.Path, view.Records, view.Files = p.Opened.Path, p.Opened.Records, string(p.Opened.Files())
	}
	if p.Opened != nil {
		for _, v := range p.Opened.Copiers {
			view.Copiers = append(view.Copiers, string(v))
		}
	}
	if p.Opened != nil && !p.Opened.At.IsZero() {
		view.OpenedAt = timestamppb.New(p.Opened.At)
	}
	if p.Evidence != nil {
		view.Fault, view.FaultSegment = string(p.Evidence.Fault), p.Evidence.Segment
	}
	return view
}
