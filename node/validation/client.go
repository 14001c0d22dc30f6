package validation

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation/validationpb"
)

const serviceName = "pdx.validate"

// Client asks validators.
type Client struct {
	host     host.Host
	protocol protocol.ID
	silence  time.Duration
}

// NewClient is a client on a chain. It starts nothing.
func NewClient(h host.Host, chainID string) *Client {
	return &Client{host: h, protocol: Protocol(chainID), silence: silence}
}

// Ask asks a validator for its verdict on a deal and waits for it, calling
// progress (which may be nil) for every frame in between. A verdict that is not on
// chain yet is Pending. The validator must be connected or have addresses in the
// host's peer store.
//
// Errors: ErrUnreachable when it cannot be reached or fell silent; a *BusyError
// when no slot is free, or the asker's address asks too often; another
// pdx.ErrUnavailable when it says that asking again may help; pdx.ErrRefused when
// it says that it will not, ErrProtocol among them. The end of ctx ends the
// validation.
func (c *Client) Ask(ctx context.Context, validator peer.ID, r Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	verdict, err := c.ask(ctx, validator, r, progress)
	if err != nil {
		return pdx.Verdict{}, fmt.Errorf("ask %s to validate deal %v: %w", validator, r.Deal, err)
	}
	return verdict, nil
}

func (c *Client) ask(ctx context.Context, validator peer.ID, r Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	s, err := c.host.NewStream(network.WithAllowLimitedConn(ctx, serviceName), validator, c.protocol)
	if err != nil {
		return pdx.Verdict{}, lost(ctx, err)
	}
	// However this ends, the validator shall see it; closing politely could wait.
	defer func() { _ = s.Reset() }()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()

	if err := c.prepare(s); err != nil {
		return pdx.Verdict{}, &BusyError{Why: "this node's own limits: " + err.Error()}
	}
	defer s.Scope().ReleaseMemory(maxProgress)
	_ = s.SetWriteDeadline(time.Now().Add(sendTimeout)) // a transport without deadlines still has ctx
	if err := writeFrame(s, encodeRequest(r)); err != nil {
		return pdx.Verdict{}, lost(ctx, err)
	}
	return c.follow(ctx, s, progress)
}

func (c *Client) prepare(s network.Stream) error {
	if err := s.Scope().SetService(serviceName); err != nil {
		return err
	}
	return s.Scope().ReserveMemory(maxProgress, network.ReservationPriorityAlways)
}

// follow reads progress until the end.
func (c *Client) follow(ctx context.Context, s network.Stream, progress func(pdx.Progress)) (pdx.Verdict, error) {
	r := bufio.NewReader(s)
	for {
		_ = s.SetReadDeadline(time.Now().Add(c.silence))
		var m validationpb.Progress
		if err := readFrame(r, maxProgress, &m); err != nil {
			return pdx.Verdict{}, lost(ctx, err)
		}
		p, verdict, ended, err := decodeProgress(&m)
		if ended {
			return verdict, err
		}
		if progress != nil {
			progress(p)
		}
		if p.Verdict != nil { // the block is seen on chain: the stream is for others
			pending := *p.Verdict
			pending.Pending = true
			return pending, nil
		}
	}
}

// lost is what a failed read or write means to the asker.
func lost(ctx context.Context, err error) error {
	var reset *network.StreamError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrProtocol):
		return err
	case errors.As(err, &reset) && (reset.ErrorCode == network.StreamRateLimited || reset.ErrorCode == network.StreamResourceLimitExceeded),
		errors.Is(err, network.ErrResourceLimitExceeded):
		return &BusyError{Why: err.Error()}
	}
	return fmt.Errorf("%w: %v", ErrUnreachable, err)
}
