package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/ratelimit"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob"
)

// A Server serves the blobs of a store to the peers that its Authorizer allows.
type Server struct {
	store      blob.Store
	authorizer Authorizer
	log        *slog.Logger
	metrics    *Metrics
	limits     serverLimits

	streams  *stream.Server
	noes     *ratelimit.Buckets[peer.ID] // of roots that were not sent
	pending  *pending
	queue    *queue
	throttle *throttle
	uploads  *uploads
}

// NewServer returns a server, which serves nothing before Start. It returns
// pdx.ErrInvalid if an argument is missing.
func NewServer(h host.Host, chainID string, store blob.Store, authorizer Authorizer, opts ...Option) (*Server, error) {
	if store == nil || authorizer == nil {
		return nil, fmt.Errorf("transfer server: %w: store and authorizer are needed", pdx.ErrInvalid)
	}
	if err := checkChainID(chainID); err != nil {
		return nil, err
	}
	o := newOptions(opts)
	s := &Server{store: store, authorizer: authorizer, log: o.log, metrics: o.metrics, limits: o.limits}
	s.noes = ratelimit.New[peer.ID](s.limits.tokens(), s.limits.addresses)
	s.pending = &pending{most: s.limits.readers}
	s.queue = newQueue(s.limits)
	s.throttle = newThrottle(o.upload, func(rate uint64) { s.queue.resize(s.limits.slotsAt(rate)) })
	s.uploads = &uploads{of: o.activities, live: make(map[uploadKey]*uploadActivity)}
	var err error
	s.streams, err = stream.NewServer(stream.Config{
		Host: h, Service: service, Limits: s.limits.streams(), Kinds: kinds, Metrics: o.drops, Log: o.log, Dropped: s.dropped,
		Handlers: map[protocol.ID]stream.Handler{
			Protocol(chainID): s.handler(oneBlob), ManyProtocol(chainID): s.handler(manyBlobs),
		},
	})
	return s, err
}

// Start accepts streams until Stop. A Server can be started once.
func (s *Server) Start(ctx context.Context) error { return s.streams.Start(ctx) }

// Stop accepts no more requests and waits for answers in progress. If ctx ends first,
// it resets their streams and returns a *stream.CutError.
func (s *Server) Stop(ctx context.Context) error { return s.streams.Stop(ctx) }

// SetUpload changes the upload limit for all pullers together, including transfers in
// progress.
func (s *Server) SetUpload(u Upload) { s.throttle.set(u) }

// kinds are the reset codes of a server; what nothing else fits is its own failure.
var kinds = stream.Kinds{
	Frame: errFrame, Unsupported: pdx.ErrUnavailable, Busy: pdx.ErrUnavailable, Lost: pdx.ErrUnavailable,
	Codes:  []stream.Code{{Err: errNoRelay, Reset: network.StreamGated}},
	Failed: network.StreamNoError,
}

// dropped counts a stream that the kit ended.
func (s *Server) dropped(err error, took time.Duration) {
	outcome := "no_room"
	if errors.Is(err, stream.ErrPanic) {
		s.metrics.panics.Inc()
		outcome = "panic"
	}
	s.metrics.requestDone(outcome, time.Now().Add(-took))
}
