package identity

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"golang.org/x/sync/singleflight"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.hello"

// Service greets and is greeted. New makes one.
type Service struct {
	host    host.Host
	chainID string
	signer  Signer
	now     func() time.Time
	timeout time.Duration

	server *stream.Server
	dialer stream.Dialer

	known   *lru.Cache[peer.ID, Proven]
	flights singleflight.Group

	// Greetings outlive the questions that share them: their context ends with Stop.
	ctx       context.Context //nolint:containedctx // see above
	cancel    context.CancelFunc
	life      sync.Mutex // guards running and the first Add of greetings
	running   bool
	greetings sync.WaitGroup
}

// Config is what a Service works with.
type Config struct {
	Host    host.Host
	ChainID string
	Signer  Signer           // of this node's account
	Now     func() time.Time // nil is time.Now
	Metrics *stream.Metrics  // may be nil
	Log     *slog.Logger     // nil is silent
}

// New wires a Service for the account of a signer. It starts nothing. A chain id that
// cannot stand in a protocol's name is ErrInvalid.
func New(c Config) (*Service, error) {
	if c.Signer == nil || c.Host == nil {
		return nil, fmt.Errorf("identity: %w: host and signer are needed", pdx.ErrInvalid)
	}
	if c.ChainID == "" || strings.ContainsAny(c.ChainID, "/ ") {
		return nil, fmt.Errorf("identity: %w: chain id %q", pdx.ErrInvalid, c.ChainID)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	known, err := lru.New[peer.ID, Proven](maxKnown)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	id := protocol.ID("/pdx/" + c.ChainID + "/hello/1")
	s := &Service{
		host: c.Host, chainID: c.ChainID, signer: c.Signer, now: c.Now, timeout: handshakeTimeout, known: known,
		dialer: stream.Dialer{Host: c.Host, Service: service, Protocol: id, Frame: maxFrame, Memory: streamMemory, Kinds: kinds, Log: c.Log},
	}
	s.server, err = stream.NewServer(stream.Config{
		Host: c.Host, Service: service, Handlers: map[protocol.ID]stream.Handler{id: s.serve},
		Limits: limits, Kinds: kinds, Metrics: c.Metrics, Log: c.Log,
	})
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, err
}

// Start begins to answer greetings. A Service starts once.
func (s *Service) Start(ctx context.Context) error {
	s.life.Lock()
	defer s.life.Unlock()
	err := s.server.Start(ctx)
	s.running = err == nil || s.running
	return err
}

// Stop ends the greetings that this side opened, and stops answering as a
// stream.Server does.
func (s *Service) Stop(ctx context.Context) error {
	s.life.Lock()
	s.running = false
	s.life.Unlock()
	s.cancel()
	err := s.server.Stop(ctx)
	s.greetings.Wait() // their context has ended
	return err
}

// begin enters a greeting that Stop waits for, and reports whether the service runs.
// Every true needs one s.greetings.Done.
func (s *Service) begin() bool {
	s.life.Lock()
	defer s.life.Unlock()
	if s.running {
		s.greetings.Add(1)
	}
	return s.running
}

// Account returns the account that a peer has proven to speak for, from memory or by
// asking. It is ErrRefused when the peer proves none, or another's, or does not
// take our proof, and ErrUnavailable when it cannot be reached or is busy.
func (s *Service) Account(ctx context.Context, id peer.ID) (pdx.Address, error) {
	if id == s.host.ID() {
		return s.signer.Account(), nil
	}
	if account, ok := s.recall(id); ok {
		return account, nil
	}
	flight := s.flights.DoChan(string(id), func() (any, error) { return s.greet(id) })
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-flight:
		if got.Err != nil {
			return "", fmt.Errorf("account of peer %v: %w", id, got.Err)
		}
		return got.Val.(pdx.Address), nil
	}
}

// Known returns the account that a peer has proven already, without asking it.
func (s *Service) Known(id peer.ID) (pdx.Address, bool) { return s.recall(id) }

func (s *Service) recall(id peer.ID) (pdx.Address, bool) {
	proven, ok := s.known.Get(id)
	if !ok || !s.now().Before(proven.Expiry) {
		return "", false
	}
	return proven.Account, true
}
