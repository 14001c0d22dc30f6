package api

import (
	"context"
	"time"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/node/api/nodepb"
)

// pingEvery is the pause between two round trips, as people know it from ping.
const pingEvery = time.Second

// Ping streams round trips.
func (s *Service) Ping(ctx context.Context, r *nodepb.PingRequest, stream *connect.ServerStream[nodepb.PingResponse]) error {
	to, err := s.paths.Connect(ctx, r.Peer)
	if err != nil {
		return err
	}
	if err := stream.Send(nil); err != nil { // headers only: the peer is found
		return err
	}
	view, round := fromPeer(to), uint32(0)
	for rtt, err := range s.paths.Ping(ctx, to.ID) {
		if err != nil {
			return err
		}
		round++
		if err := stream.Send(&nodepb.PingResponse{Peer: view, Round: round, RttUs: rtt.Microseconds()}); err != nil {
			return err
		}
		if round == r.Count {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pingEvery):
		}
	}
	return nil
}

// Perf streams how far a measurement is.
func (s *Service) Perf(ctx context.Context, r *nodepb.PerfRequest, stream *connect.ServerStream[nodepb.PerfResponse]) error {
	to, err := s.paths.Connect(ctx, r.Peer)
	if err != nil {
		return err
	}
	if err := stream.Send(nil); err != nil { // headers only: the peer is found
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	view := fromPeer(to)
	err = s.paths.Perf(ctx, to.ID, r.Up, r.Down, func(m Measured) {
		if err := stream.Send(&nodepb.PerfResponse{
			Peer: view, Direction: m.Direction, Bytes: m.Bytes, TookUs: m.Took.Microseconds(), Done: m.Done,
		}); err != nil {
			cancel(err)
		}
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
