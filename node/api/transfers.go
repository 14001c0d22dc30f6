package api

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/transfer/activity"
)

// transfersEvery is how often a watcher of transfers gets the list.
const transfersEvery = time.Second

// Transfers lists the blobs that move.
type Transfers interface {
	// List is what moves now and what moved last, the oldest first.
	List() []activity.Transfer
}

// ListTransfers lists the blobs that move.
func (s *Service) ListTransfers(context.Context, *nodepb.ListTransfersRequest) (*nodepb.ListTransfersResponse, error) {
	return &nodepb.ListTransfersResponse{Transfers: s.listTransfers()}, nil
}

// WatchTransfers lists them again and again.
func (s *Service) WatchTransfers(ctx context.Context, _ *nodepb.WatchTransfersRequest,
	stream *connect.ServerStream[nodepb.WatchTransfersResponse],
) error {
	tick := time.NewTicker(transfersEvery)
	defer tick.Stop()
	for {
		if err := stream.Send(&nodepb.WatchTransfersResponse{Transfers: s.listTransfers()}); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Service) listTransfers() (list []*nodepb.Transfer) {
	for _, a := range s.transfers.List() {
		list = append(list, fromActivity(a))
	}
	return list
}

func fromActivity(a activity.Transfer) *nodepb.Transfer {
	view := &nodepb.Transfer{
		Id: a.ID, Direction: string(a.Direction), Cid: a.Blob.String(), Size: a.Size, Held: a.Held,
		Blobs: a.Blobs, BlobsHeld: a.BlobsHeld,
		Started: timestamppb.New(a.Started), Error: a.Error, Reason: string(a.Reason), Rate: a.Rate(),
	}
	if !a.Ended.IsZero() {
		view.Ended = timestamppb.New(a.Ended)
	}
	for _, r := range a.Routes {
		view.Routes = append(view.Routes, &nodepb.Route{
			PeerId: r.Peer.String(), Address: r.Address, Transport: r.Transport, Relayed: r.Relayed,
			RttUs: r.RTT.Microseconds(), Connections: uint32(r.Connections), Streams: uint32(r.Streams),
			Rate: r.Rate, Bytes: r.Bytes, Again: r.Again, Retries: r.Retries, Reason: string(r.Reason), Error: r.Error,
		})
	}
	return view
}
