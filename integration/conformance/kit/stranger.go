package kit

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/p2p/stream"
)

// stranger is a peer that nobody knows, with an account that has nothing on chain.
type stranger struct {
	host   host.Host
	target Target
	key    *secp256k1.PrivateKey
}

// newStranger connects to the target by TCP, Noise and yamux.
func newStranger(ctx context.Context, t Target) (*stranger, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	h, err := libp2p.New(libp2p.NoListenAddrs, libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport), libp2p.DisableRelay(), libp2p.DisableMetrics(), libp2p.UserAgent("pdx-conformance"))
	if err != nil {
		return nil, err
	}
	s := &stranger{host: h, target: t, key: secp256k1.PrivKeyFromBytes(secret)}
	if err := h.Connect(ctx, t.Peer); err != nil {
		s.close()
		return nil, fmt.Errorf("connect by TCP, Noise and yamux: %w", err)
	}
	return s, nil
}

// pause is between tries to connect to a node that has been connected to before.
const pause = time.Second

// anotherStranger connects again and again until ctx ends: a node may take few connections a
// second from one address.
func anotherStranger(ctx context.Context, t Target) (*stranger, error) {
	for {
		s, err := newStranger(ctx, t)
		if err == nil || lifecycle.Sleep(ctx, pause) != nil {
			return s, err
		}
	}
}

func (s *stranger) close() { _ = s.host.Close() }

func (s *stranger) id() peer.ID { return s.host.ID() }

// named returns the name of a protocol: "hello/1" of a chain. One that begins with a slash is whole.
func named(chainID, name string) protocol.ID {
	if strings.HasPrefix(name, "/") {
		return protocol.ID(name)
	}
	return protocol.ID("/pdx/" + chainID + "/" + name)
}

// conversation is one stream to the target.
type conversation struct {
	network.Stream
	in      *bufio.Reader
	noCodes bool
}

func (s *stranger) open(ctx context.Context, name string) (*conversation, error) {
	raw, err := s.host.NewStream(ctx, s.target.Peer.ID, named(s.target.ChainID, name))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	end, _ := ctx.Deadline()
	_ = raw.SetDeadline(end)
	return &conversation{Stream: raw, in: bufio.NewReader(raw), noCodes: s.target.NoCodes}, nil
}

// say opens a stream, writes and closes the write side.
func (s *stranger) say(ctx context.Context, name string, bytes []byte) (*conversation, error) {
	t, err := s.open(ctx, name)
	if err != nil {
		return nil, err
	}
	// A target may answer before it has read everything; its answer is then read all the same.
	_, _ = t.Write(bytes)
	_ = t.CloseWrite()
	return t, nil
}

// frame encodes a message as one frame.
func frame(m proto.Message) []byte {
	raw, err := proto.Marshal(m)
	if err != nil {
		panic(err) // the messages are the kit's own
	}
	return append(stream.AppendLength(nil, len(raw)), raw...)
}

// padded returns the frame of a message with a length that is one byte longer than it must be.
func padded(m proto.Message) []byte {
	f := frame(m)
	return append([]byte{f[0] | 0x80, 0}, f[1:]...) // the messages are shorter than 128 bytes
}

// receive reads a frame of at most limit bytes.
func (t *conversation) receive(m proto.Message, limit int) error {
	if err := stream.ReadFrame(t.in, limit, m); err != nil {
		return fmt.Errorf("no valid answer: %w", err)
	}
	return nil
}

// wantEnd makes sure that the target closes, and says no more.
func (t *conversation) wantEnd() error {
	switch b, err := t.in.ReadByte(); {
	case err == nil:
		return fmt.Errorf("byte %#x follows the answer", b)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return fmt.Errorf("the stream should be closed after the answer: %w", err)
	}
}

// wantReset makes sure that the target resets the stream with one of some codes.
func (t *conversation) wantReset(codes ...network.StreamErrorCode) error {
	b, err := t.in.ReadByte()
	var reset *network.StreamError
	switch {
	case err == nil:
		return fmt.Errorf("the target answers (%#x …), it should reset the stream with %#x", b, codes)
	case !errors.As(err, &reset) || !reset.Remote:
		return fmt.Errorf("the target should reset the stream with %#x: %w", codes, err)
	case t.noCodes:
		return nil
	}
	for _, code := range codes {
		if reset.ErrorCode == code {
			return nil
		}
	}
	return fmt.Errorf("the target resets with %#x, it should be %#x", reset.ErrorCode, codes)
}
