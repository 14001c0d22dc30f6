//go:build linux

package soak

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx/node/ack"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/perf"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// idlePerAttack is how many streams stay open and say nothing.
const idlePerAttack = 100

// protocols are all that a node may serve to peers.
func (h *hostile) protocols() []protocol.ID {
	return []protocol.ID{
		transfer.Protocol(h.ChainID), transfer.ManyProtocol(h.ChainID), validation.Protocol(h.ChainID), ack.Protocol(h.ChainID),
		perf.Protocol(h.ChainID), protocol.ID("/pdx/" + h.ChainID + "/hello/1"), protocol.ID("/pdx/" + h.ChainID + "/kad/1.0.0"),
	}
}

// idleStreams opens streams of all protocols and says nothing on them.
func idleStreams(ctx context.Context, h *hostile, at peer.ID) error {
	list, opened := h.protocols(), 0
	for i := range idlePerAttack {
		s, err := h.host.NewStream(ctx, at, list[i%len(list)])
		if err == nil {
			opened++
			defer func() { _ = s.Reset() }()
		}
	}
	if opened == 0 {
		return fmt.Errorf("no stream was opened")
	}
	<-ctx.Done()
	return nil
}

// helloProbes asks a node again and again who it is.
func helloProbes(ctx context.Context, h *hostile, at peer.ID) error {
	return h.repeat(ctx, at, protocol.ID("/pdx/"+h.ChainID+"/hello/1"), func(s network.Stream) error {
		challenge := make([]byte, 34)
		_, _ = rand.Read(challenge)
		challenge[0], challenge[1] = 0x0a, 32 // field 1, 32 bytes
		_, err := s.Write(append([]byte{34}, challenge...))
		if err == nil {
			_, err = io.ReadFull(s, make([]byte, 8))
		}
		return err
	})
}

// garbageFrames sends random bytes in place of requests.
func garbageFrames(ctx context.Context, h *hostile, at peer.ID) error {
	list := h.protocols()
	return h.repeat(ctx, at, list[h.random.IntN(len(list))], func(s network.Stream) error {
		garbage := make([]byte, 1+h.random.IntN(4<<10))
		_, _ = rand.Read(garbage)
		if h.random.IntN(2) == 0 {
			garbage[0] %= 0x80 // a short frame, whose content is read
		}
		if _, err := s.Write(garbage); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, s)
		return err
	})
}

// unknownRoots asks for blobs that nobody has, a hundred in each frame.
func unknownRoots(ctx context.Context, h *hostile, at peer.ID) error {
	if err := h.hello.Introduce(ctx, at); err != nil {
		return err
	}
	return h.repeat(ctx, at, transfer.ManyProtocol(h.ChainID), func(s network.Stream) error {
		go func() { _, _ = io.Copy(io.Discard, s) }()
		for {
			roots := make([]byte, 32*transfer.MaxManyRoots)
			_, _ = rand.Read(roots)
			if _, err := s.Write(framed(&transferpb.Many{Roots: roots})); err != nil {
				return err
			}
		}
	})
}

// slowReaders asks for ciphertexts that are on offer and reads a byte now and then.
func slowReaders(ctx context.Context, h *hostile, at peer.ID) error {
	if len(h.Roots) == 0 {
		return fmt.Errorf("no ciphertexts are known")
	}
	if err := h.hello.Introduce(ctx, at); err != nil {
		return err
	}
	return h.repeat(ctx, at, transfer.Protocol(h.ChainID), func(s network.Stream) error {
		root := h.Roots[h.random.IntN(len(h.Roots))]
		if _, err := s.Write(framed(&transferpb.Request{Root: root, Ranges: []*transferpb.Range{{Count: 128}}})); err != nil {
			return err
		}
		for {
			if _, err := s.Read(make([]byte, 1)); err != nil {
				return err
			}
			if err := h.rest(ctx); err != nil {
				return err
			}
		}
	})
}
