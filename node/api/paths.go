package api

import (
	"context"
	"iter"
	"time"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// Paths measures the ways to peers.
type Paths interface {
	// Connect connects to a peer and returns how it is reached. The peer is named by its id, a multiaddr
	// that ends in one, or the account that it speaks for.
	Connect(ctx context.Context, peer string) (Peer, error)
	// Ping yields round trips to a peer, by its id, until ctx ends.
	Ping(ctx context.Context, peerID string) iter.Seq2[time.Duration, error]
	// Explain tries every way to a peer, named as in Connect, and reports each step.
	Explain(ctx context.Context, peer string, step func(PathStep)) error
	// Perf sends and receives that many bytes and reports progress.
	Perf(ctx context.Context, peerID string, up, down uint64, progress func(Measured)) error
}

// Measured is how far one direction of a measurement is.
type Measured struct {
	Direction string // up or down
	Bytes     uint64
	Took      time.Duration
	Done      bool
}

// A PathStep is the outcome of one step on the way to a peer; see nodepb.ExplainPathResponse.
type PathStep struct {
	Step    string
	OK      bool
	Address string
	Message string
	RTT     time.Duration
}

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
		if lifecycle.Sleep(ctx, pingEvery) != nil {
			return nil
		}
	}
	return nil
}

// ExplainPath streams the steps on the way to a peer.
func (s *Service) ExplainPath(
	ctx context.Context, r *nodepb.ExplainPathRequest, stream *connect.ServerStream[nodepb.ExplainPathResponse],
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := s.paths.Explain(ctx, r.Peer, func(step PathStep) {
		if err := stream.Send(&nodepb.ExplainPathResponse{
			Step: step.Step, Ok: step.OK, Address: step.Address, Message: step.Message, RttUs: step.RTT.Microseconds(),
		}); err != nil {
			cancel(err)
		}
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
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
