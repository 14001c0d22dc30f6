package kit_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

const chainID = "panacea-local-1"

// testPeer serves the protocols as docs/spec says, as shortly as that can be written down,
// except for its fault.
type testPeer struct {
	host host.Host
	fault
	blob, tree []byte
	root       pdx.ContentID

	mu        sync.Mutex
	known     map[peer.ID]pdx.Address
	challenge []byte // the one that is used again
}

// refusal ends a stream with a reset code.
type refusal network.StreamErrorCode

func (refusal) Error() string { return "refused" }

// newPeer starts a peer that serves a public blob of some segments.
func newPeer(t *testing.T, f fault) *testPeer {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.Muxer(yamux.ID, yamux.DefaultTransport), libp2p.DisableRelay(), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Close() })
	p := &testPeer{host: h, fault: f, known: map[peer.ID]pdx.Address{}, challenge: make([]byte, 32)}
	_, _ = rand.Read(p.challenge)
	p.setBlob(t, 5000+f.more)
	for name, serve := range map[string]func(*conn) error{
		"hello": p.hello, "blob": p.serveBlob, "blobs": p.serveMany, "perf": p.perf, "ack": p.ack, "validate": p.validate,
	} {
		h.SetStreamHandler(protocol.ID("/pdx/"+chainID+"/"+name+"/1"), handler(serve))
	}
	return p
}

// conn is a stream with a buffer before it.
type conn struct {
	network.Stream
	in *bufio.Reader
}

func handler(serve func(*conn) error) network.StreamHandler {
	return func(s network.Stream) {
		_ = s.SetDeadline(time.Now().Add(10 * time.Second))
		err := serve(&conn{s, bufio.NewReader(s)})
		var code refusal
		switch {
		case err == nil:
			_ = s.Close()
		case errors.As(err, &code):
			_ = s.ResetWithError(network.StreamErrorCode(code))
		default:
			_ = s.Reset()
		}
	}
}

type treeFile []byte

func (m treeFile) WriteAt(p []byte, off int64) (int, error) { return copy(m[off:], p), nil }

func (p *testPeer) setBlob(t *testing.T, size int) {
	t.Helper()
	p.blob = bytes.Repeat([]byte{7}, size)
	tree := make(treeFile, bao.TreeSize(uint64(size)))
	b := bao.NewBuilder(tree)
	_, err := b.Write(p.blob)
	require.NoError(t, err)
	p.root, _, err = b.Finish()
	require.NoError(t, err)
	p.tree = tree
}

// receive reads a frame; what is not one is reset with a code.
func (p *testPeer) receive(c *conn, m proto.Message, limit int, code refusal) error {
	head, _ := c.in.Peek(2)
	padded := len(head) == 2 && head[0] >= 0x80 && head[1] == 0
	size, err := binary.ReadUvarint(c.in)
	if err != nil || !p.anyFrame && (padded || size > uint64(limit)) {
		return code
	}
	body := make([]byte, min(size, 1<<16))
	if _, err := io.ReadFull(c.in, body); err != nil || proto.Unmarshal(body, m) != nil {
		return code
	}
	return nil
}

func (p *testPeer) account(id peer.ID) pdx.Address {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[id]
}
