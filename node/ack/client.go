package ack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
)

const serviceName = "pdx.ack"

// Client hands vouchers over.
type Client struct {
	host     host.Host
	protocol protocol.ID
}

// NewClient is a client on a chain. It starts nothing.
func NewClient(h host.Host, chainID string) *Client {
	return &Client{host: h, protocol: Protocol(chainID)}
}

// Hand hands a voucher to a deal's seller, which must be connected or have
// addresses in the host's peer store. nil means that the seller has it on disk;
// pdx.ErrUnavailable that it may be handed over again; pdx.ErrRefused, ErrProtocol
// among them, that it is of no use.
func (c *Client) Hand(ctx context.Context, seller peer.ID, deal pdx.DealID, v pdx.AckVoucher) error {
	ctx, cancel := context.WithTimeout(ctx, handTimeout)
	defer cancel()
	if err := c.hand(ctx, seller, deal, v); err != nil {
		return fmt.Errorf("hand the ack of deal %v to %s: %w", deal, seller, err)
	}
	return nil
}

func (c *Client) hand(ctx context.Context, seller peer.ID, deal pdx.DealID, v pdx.AckVoucher) error {
	s, err := c.host.NewStream(network.WithAllowLimitedConn(ctx, serviceName), seller, c.protocol)
	if err != nil {
		return lost(ctx, err)
	}
	defer func() { _ = s.Reset() }() // both sides have said all that they say
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	if err := s.Scope().SetService(serviceName); err != nil {
		return lost(ctx, err)
	}
	_ = s.SetDeadline(time.Now().Add(handTimeout)) // a transport without deadlines still has ctx
	if err := write(s, encode(deal, v)); err != nil {
		return lost(ctx, err)
	}
	var answer ackpb.Answer
	if err := read(s, &answer); err != nil {
		return lost(ctx, err)
	}
	return errorOf(answer.GetOutcome())
}

// lost is what a failed step means to the buyer. A seller that does not speak the
// protocol acknowledges nothing off chain.
func lost(ctx context.Context, err error) error {
	var unsupported multistream.ErrNotSupported[protocol.ID]
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", pdx.ErrUnavailable, ctx.Err())
	case errors.Is(err, ErrProtocol):
		return err
	case errors.As(err, &unsupported):
		return fmt.Errorf("%w: %w", pdx.ErrRefused, err)
	}
	return fmt.Errorf("%w: %w", pdx.ErrUnavailable, err)
}
