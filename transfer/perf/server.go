package perf

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/x/rate"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/medibloc/pdx"
)

// Gate says whether a peer may measure; its error is not told to the peer.
type Gate func(ctx context.Context, asker peer.ID) error

// Server answers measurements.
type Server struct {
	host    host.Host
	chainID string
	gate    Gate
	log     *slog.Logger
	guests  guests
	limiter *rate.Limiter // a token for each stream and each further shareBytes

	mu     sync.Mutex // guards the next three
	open   bool
	ctx    context.Context
	cancel context.CancelFunc
	active sync.WaitGroup
}

// newLimiter resets streams of addresses that ask too often.
func newLimiter() *rate.Limiter {
	each := rate.Limit{RPS: maxStreams / askEvery.Seconds(), Burst: askBurst * maxStreams}
	return &rate.Limiter{SubnetRateLimiter: rate.SubnetLimiter{
		IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: 32, Limit: each}},
		IPv6SubnetLimits: []rate.SubnetLimit{{PrefixLength: 56, Limit: each}},
		GracePeriod:      time.Minute,
	}}
}

// NewServer wires a server that answers nobody before Start.
func NewServer(h host.Host, chainID string, gate Gate, log *slog.Logger) (*Server, error) {
	if h == nil || gate == nil || log == nil || chainID == "" {
		return nil, fmt.Errorf("perf server: %w: host, chain, gate and log are needed", pdx.ErrInvalid)
	}
	return &Server{
		host: h, chainID: chainID, gate: gate, log: log,
		guests: guests{streams: map[peer.ID]int{}}, limiter: newLimiter(),
	}, nil
}

// Start answers until Stop; the end of ctx does not stop the server.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return fmt.Errorf("start perf server: %w: it runs already", pdx.ErrWrongState)
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.open = true
	s.host.SetStreamHandler(Protocol(s.chainID), s.limiter.Limit(s.handle))
	return nil
}

// Stop ends all measurements and waits for them. Stopping again does nothing.
func (s *Server) Stop(context.Context) error {
	s.mu.Lock()
	if s.open {
		s.open = false
		s.host.RemoveStreamHandler(Protocol(s.chainID))
		s.cancel()
	}
	s.mu.Unlock()
	s.active.Wait()
	return nil
}

// begin counts a stream in; it is false when the server has stopped.
func (s *Server) begin() (context.Context, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		s.active.Add(1)
	}
	return s.ctx, s.open
}

func (s *Server) handle(stream network.Stream) {
	ctx, ok := s.begin()
	if !ok {
		_ = stream.ResetWithError(network.StreamShutdown)
		return
	}
	defer s.active.Done()
	stop := context.AfterFunc(ctx, func() { _ = stream.ResetWithError(network.StreamShutdown) })
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic while a path was measured", "panic", p, "stack", string(debug.Stack()))
			_ = stream.Reset()
		}
	}()
	if err := s.serve(ctx, stream); err != nil {
		s.log.Debug("measurement cut off", "peer_id", stream.Conn().RemotePeer(), "error", err)
		_ = stream.Reset()
		return
	}
	_ = stream.Close() // within the deadline of the last answer
}

func (s *Server) serve(ctx context.Context, stream network.Stream) error {
	if err := stream.Scope().SetService(service); err != nil {
		return err
	}
	if err := stream.SetDeadline(time.Now().Add(headTime)); err != nil {
		return err
	}
	guest := stream.Conn().RemotePeer()
	if !s.guests.enter(guest) {
		return say(stream, busy)
	}
	defer s.guests.leave(guest)
	if err := stream.Scope().ReserveMemory(2*step, network.ReservationPriorityLow); err != nil {
		return say(stream, busy)
	}
	up, down, err := readRequest(stream)
	if errors.Is(err, pdx.ErrInvalid) {
		return say(stream, notRequest)
	}
	if err != nil {
		return err
	}
	gateCtx, cancel := context.WithTimeout(ctx, headTime)
	defer cancel()
	if s.gate(gateCtx, guest) != nil {
		return say(stream, refused)
	}
	if !s.allows(stream.Conn(), max(up, down)) {
		return stream.ResetWithError(network.StreamRateLimited)
	}
	return answer(stream, up, down)
}

// allows counts what a stream is to carry beyond shareBytes, for which the limiter
// has let it in already.
func (s *Server) allows(conn network.Conn, bytes uint64) bool {
	var address netip.Addr
	if ip, err := manet.ToIP(conn.RemoteMultiaddr()); err == nil {
		address, _ = netip.AddrFromSlice(ip)
	}
	for ; bytes > shareBytes; bytes -= shareBytes {
		if !s.limiter.Allow(address) {
			return false
		}
	}
	return true
}

// readRequest reads what is to be measured; pdx.ErrInvalid beyond the bounds.
func readRequest(r io.Reader) (up, down uint64, err error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, err
	}
	up, down = binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:])
	if up > MaxBytes || down > MaxBytes {
		return 0, 0, fmt.Errorf("%d bytes up and %d down: %w: at most %d", up, down, pdx.ErrInvalid, MaxBytes)
	}
	return up, down, nil
}

// answer is the measurement itself, on one stream; each direction has its time.
func answer(stream network.Stream, up, down uint64) error {
	if err := say(stream, goOn); err != nil {
		return err
	}
	if err := stream.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	if err := newMeter(Up, nil).receive(stream, up); err != nil {
		return err
	}
	if err := say(stream, goOn); err != nil {
		return err
	}
	if err := stream.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	return newMeter(Down, nil).send(stream, down)
}

func say(w io.Writer, answer byte) error {
	_, err := w.Write([]byte{answer})
	return err
}
