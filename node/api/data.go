package api

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// AddData registers a file or a folder, and streams how far it is.
func (s *Service) AddData(ctx context.Context, r *nodepb.AddDataRequest, stream *connect.ServerStream[nodepb.AddDataResponse]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d, err := s.Register(ctx, r, func(p pdx.Progress) {
		if err := stream.Send(&nodepb.AddDataResponse{Done: p.Done, Work: p.Total}); err != nil {
			cancel(err)
		}
	})
	if err != nil {
		return err
	}
	return stream.Send(&nodepb.AddDataResponse{Data: d, Done: d.Size, Work: d.Size})
}

// Register registers a file or a folder, and reports now and then how far it is. It is
// AddData for callers of the same process.
func (s *Service) Register(ctx context.Context, r *nodepb.AddDataRequest, report func(pdx.Progress)) (*nodepb.Data, error) {
	d, err := s.seller.AddData(ctx, r.Path, r.Name, r.MediaType, report)
	if err != nil {
		return nil, err
	}
	return fromData(d), nil
}

// ListData lists registered data.
func (s *Service) ListData(ctx context.Context, r *nodepb.ListDataRequest) (*nodepb.ListDataResponse, error) {
	page, err := toPage(r)
	if err != nil {
		return nil, err
	}
	list, next, err := s.seller.ListData(ctx, page)
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListDataResponse{NextCursor: next}
	for _, d := range list {
		res.Data = append(res.Data, fromData(d))
	}
	return res, nil
}

// GetData shows registered data.
func (s *Service) GetData(ctx context.Context, r *nodepb.GetDataRequest) (*nodepb.GetDataResponse, error) {
	d, err := s.seller.GetData(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	return &nodepb.GetDataResponse{Data: fromData(d)}, nil
}

// RemoveData forgets registered data.
func (s *Service) RemoveData(ctx context.Context, r *nodepb.RemoveDataRequest) (*nodepb.RemoveDataResponse, error) {
	return &nodepb.RemoveDataResponse{}, s.seller.RemoveData(ctx, r.Id)
}

func fromData(d model.Data) *nodepb.Data {
	return &nodepb.Data{
		Id: d.ID, Name: d.Name, Path: d.Path, MediaType: d.MediaType, Size: d.Size, Records: d.Records,
		Added: timestamppb.New(d.Added), Fields: d.Fields, Changed: d.Changed, Files: uint64(d.Files),
		Notes: d.Notes,
	}
}
