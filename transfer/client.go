package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob"
)

// ClientConfig configures a Client.
type ClientConfig struct {
	Host    host.Host  // required
	ChainID string     // required
	Store   blob.Store // required

	Log        *slog.Logger  // nil is silent
	Metrics    *Metrics      // may be shared with a Server; may be nil
	Activities *activity.Log // may be shared with a Server; may be nil

	// MaxSize is the largest size in bytes that is accepted from a peer if Pull is
	// called without a size; 0 means bao.MaxSize.
	MaxSize uint64
}

// A Client pulls blobs from peers into a store.
type Client struct {
	host       host.Host
	blob       protocol.ID
	blobs      protocol.ID
	store      blob.Store
	log        *slog.Logger
	metrics    *Metrics
	activities *activity.Log
	maxSize    uint64
	limits     clientLimits
}

// NewClient returns a client. It starts nothing, and returns pdx.ErrInvalid if a
// required field is missing.
func NewClient(c ClientConfig) (*Client, error) {
	if c.Host == nil || c.Store == nil {
		return nil, fmt.Errorf("transfer client: %w: host and store are required", pdx.ErrInvalid)
	}
	if err := checkChainID(c.ChainID); err != nil {
		return nil, err
	}
	client := &Client{
		host: c.Host, blob: Protocol(c.ChainID), blobs: ManyProtocol(c.ChainID), store: c.Store,
		log: c.Log, metrics: c.Metrics, activities: c.Activities, maxSize: bao.MaxSize, limits: defaultClientLimits(),
	}
	if c.MaxSize != 0 {
		client.maxSize = min(c.MaxSize, bao.MaxSize)
	}
	if client.log == nil {
		client.log = slog.New(slog.DiscardHandler)
	}
	if client.metrics == nil {
		client.metrics = NewMetrics(nil)
	}
	if client.activities == nil {
		client.activities = activity.NewLog()
	}
	return client, nil
}

// open opens a stream to a peer, not over a relay that limits circuits, and accounts for its
// memory.
func (c *Client) open(ctx context.Context, to peer.ID, as protocol.ID) (network.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.dialTime)
	defer cancel()
	stream, err := c.host.NewStream(ctx, to, as)
	if err != nil {
		// Not wrapped: our own time-out must not look like the end of the caller's context.
		if c.host.Network().Connectedness(to) == network.Limited {
			return nil, fmt.Errorf("%w: there is only a relayed connection with limits, over which no blobs are moved: %v", pdx.ErrUnavailable, err)
		}
		return nil, fmt.Errorf("%w: open stream: %v", pdx.ErrUnavailable, err)
	}
	if err := reserve(stream); err != nil {
		_ = stream.Reset()
		return nil, err
	}
	return stream, nil
}

// reserve accounts for a stream's memory with the resource manager of the host.
func reserve(stream network.Stream) error {
	if err := stream.Scope().SetService(service); err != nil {
		return fmt.Errorf("too many streams: %w", err)
	}
	if err := stream.Scope().ReserveMemory(pullMemory, network.ReservationPriorityMedium); err != nil {
		return fmt.Errorf("no memory for a stream: %w", err)
	}
	return nil
}

// blame returns err as an error of whoever is answerable for it: the caller, who ended
// ctx, or the peer. An error that is not known to be worse is a reason to ask again.
func blame(ctx context.Context, from peer.ID, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("pull from %s: %w", from, ctx.Err())
	}
	for _, known := range []error{pdx.ErrCorrupt, pdx.ErrRefused, pdx.ErrNotFound, pdx.ErrInvalid, pdx.ErrUnavailable} {
		if errors.Is(err, known) {
			return &PeerError{Peer: from, Err: err}
		}
	}
	return &PeerError{Peer: from, Err: fmt.Errorf("%w: %w", pdx.ErrUnavailable, err)}
}

// retrying notes that a peer is asked again after a failure, and for what reason.
func (c *Client) retrying(on *activity.RouteRecorder, err error) {
	reason := activity.ReasonRetrying
	if _, busy := c.limits.retry.IsBusy(err); busy {
		reason = activity.ReasonBusy
	}
	on.Retry(reason)
	c.metrics.retries.WithLabelValues(string(reason)).Inc()
}
