package api

import (
	"context"
	"iter"
	"sync"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// Watch streams sales and pulls as they stand, and then each as it changes.
func (s *Service) Watch(ctx context.Context, r *nodepb.WatchRequest, stream *connect.ServerStream[nodepb.WatchResponse]) error {
	if err := stream.Send(nil); err != nil { // headers only: who watches knows that the watch is on
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wanted := func(pool pdx.PoolID) bool { return r.PoolId == 0 || pdx.PoolID(r.PoolId) == pool }
	changes := make(chan *nodepb.WatchResponse)
	var sources sync.WaitGroup
	sources.Go(func() {
		relay(ctx, changes, s.seller.Changes(ctx), func(sale model.Sale) *nodepb.WatchResponse {
			if !wanted(sale.Pool) {
				return nil
			}
			return &nodepb.WatchResponse{What: &nodepb.WatchResponse_Sale{Sale: fromSale(sale)}}
		})
	})
	sources.Go(func() {
		relay(ctx, changes, s.buyer.Changes(ctx), func(pull model.Pull) *nodepb.WatchResponse {
			if !wanted(pull.Pool) {
				return nil
			}
			return &nodepb.WatchResponse{What: &nodepb.WatchResponse_Pulled{Pulled: fromPull(pull)}}
		})
	})
	err := forward(ctx, changes, stream)
	cancel()
	sources.Wait()
	return err
}

// relay passes on what view makes of each change, nil nothing, until ctx ends.
func relay[T any](ctx context.Context, to chan<- *nodepb.WatchResponse, changes iter.Seq[T], view func(T) *nodepb.WatchResponse) {
	for change := range changes {
		message := view(change)
		if message == nil {
			continue
		}
		select {
		case to <- message:
		case <-ctx.Done():
			return
		}
	}
}

func forward(ctx context.Context, changes <-chan *nodepb.WatchResponse, stream *connect.ServerStream[nodepb.WatchResponse]) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case change := <-changes:
			if err := stream.Send(change); err != nil {
				return err
			}
		}
	}
}
