package ack

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
	"github.com/medibloc/pdx/p2p/stream"
)

// Client hands signed acks over.
type Client struct{ dialer stream.Dialer }

// NewClient returns a client on a chain. It starts nothing.
func NewClient(h host.Host, chainID string) *Client {
	return &Client{stream.Dialer{
		Host: h, Service: service, Protocol: Protocol(chainID), Frame: maxFrame, Memory: streamMemory, Kinds: kinds,
	}}
}

// Hand hands a signed ack to a deal's seller, which must be connected or have
// addresses in the host's peer store. nil means that the seller has it on disk;
// pdx.ErrUnavailable that it may be handed over again; pdx.ErrRefused, ErrProtocol
// among them, that it is of no use.
func (c *Client) Hand(ctx context.Context, seller peer.ID, deal pdx.DealID, v pdx.AckVoucher) error {
	ctx, cancel := context.WithTimeout(ctx, handTimeout)
	defer cancel()
	var answer ackpb.Answer
	err := c.dialer.Do(ctx, seller, func(s *stream.Stream) error {
		if err := s.WriteFrame(encode(deal, v), handTimeout); err != nil {
			return err
		}
		return s.ReadFrame(&answer, handTimeout)
	})
	if err == nil {
		err = errorOf(answer.GetOutcome())
	}
	if err != nil {
		return fmt.Errorf("hand the ack of deal %v to %s: %w", deal, seller, err)
	}
	return nil
}
