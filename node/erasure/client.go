package erasure

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx/node/erasure/erasurepb"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/p2p/stream"
)

// Client sends requests.
type Client struct{ dialer stream.Dialer }

// NewClient returns a client on a chain. It starts nothing.
func NewClient(h host.Host, chainID string) *Client {
	return &Client{stream.Dialer{
		Host: h, Service: service, Protocol: Protocol(chainID), Frame: maxFrame, Memory: streamMemory, Kinds: kinds,
	}}
}

// Send sends a request to a deal's buyer, which must be connected or have addresses in the
// host's peer store, and returns its answer, nil if it has taken the request and not answered
// it. pdx.ErrUnavailable means that it may be sent again; pdx.ErrRefused, ErrProtocol among
// them, that the buyer's node does not take it. The caller verifies the answer's signature.
func (c *Client) Send(ctx context.Context, buyer peer.ID, r Request) (*model.ErasureAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	var m erasurepb.Answer
	err := c.dialer.Do(ctx, buyer, func(s *stream.Stream) error {
		if err := s.WriteFrame(encodeRequest(r), sendTimeout); err != nil {
			return err
		}
		return s.ReadFrame(&m, sendTimeout)
	})
	var answer *model.ErasureAnswer
	if err == nil {
		answer, err = decodeAnswer(&m)
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s to erase deal %v: %w", buyer, r.Deal, err)
	}
	return answer, nil
}
