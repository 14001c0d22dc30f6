package validation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation/validationpb"
	"github.com/medibloc/pdx/p2p/stream"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.validate"

// Client asks validators.
type Client struct {
	dialer  stream.Dialer
	silence time.Duration
}

// NewClient returns a client on a chain. It starts nothing.
func NewClient(h host.Host, chainID string) *Client {
	return &Client{silence: silence, dialer: stream.Dialer{
		Host: h, Service: service, Protocol: Protocol(chainID), Frame: maxProgress, Memory: maxProgress, Kinds: kinds,
	}}
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
func (c *Client) Ask(ctx context.Context, validator peer.ID, r Request, progress func(pdx.Progress)) (verdict pdx.Verdict, err error) {
	err = c.dialer.Do(ctx, validator, func(s *stream.Stream) error {
		if err := s.WriteFrame(encodeRequest(r), sendTimeout); err != nil {
			return err
		}
		verdict, err = c.follow(s, progress)
		return err
	})
	if err != nil {
		return pdx.Verdict{}, fmt.Errorf("ask %s to validate deal %v: %w", validator, r.Deal, refine(ctx, err))
	}
	return verdict, nil
}

// follow reads progress until the end.
func (c *Client) follow(s *stream.Stream, progress func(pdx.Progress)) (pdx.Verdict, error) {
	for {
		var m validationpb.Progress
		if err := s.ReadFrame(&m, c.silence); err != nil {
			return pdx.Verdict{}, err
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

// refine is err, where a context that ended is not the validator's fault, and being
// busy is a *BusyError.
func refine(ctx context.Context, err error) error {
	var busy *BusyError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrBusy) && !errors.As(err, &busy):
		return &BusyError{Why: err.Error()}
	}
	return err
}
