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

// A Service opens and answers handshakes. Make one with New.
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

// Config configures a Service. Host, ChainID and Signer are required.
type Config struct {
	Host    host.Host
	ChainID string
	Signer  Signer           // the account that this node speaks for
	Now     func() time.Time // nil is time.Now
	Metrics *stream.Metrics  // may be nil
	Log     *slog.Logger     // nil is silent
}

// New returns a Service. It starts nothing. It returns pdx.ErrInvalid if a required
// field is missing or the chain id cannot be part of a protocol's name.
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
		dialer: stream.Dialer{
			Host: c.Host, Service: service, Protocol: id, Frame: maxFrame, Memory: streamMemory, Kinds: kinds, Log: c.Log, Strangers: true,
		},
	}
	s.server, err = stream.NewServer(stream.Config{
		Host: c.Host, Service: service, Handlers: map[protocol.ID]stream.Handler{id: s.serve},
		Limits: limits, Kinds: kinds, Metrics: c.Metrics, Log: c.Log,
	})
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, err
}

// Start begins to answer handshakes. A Service can be started once.
func (s *Service) Start(ctx context.Context) error {
	s.life.Lock()
	defer s.life.Unlock()
	err := s.server.Start(ctx)
	s.running = err == nil || s.running
	return err
}

// Stop ends the handshakes that this side opened, and stops answering as
// stream.Server.Stop does.
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

// Account returns the account that a peer has proven to speak for, from the cache or by
// a handshake. It returns pdx.ErrRefused if the peer's binding is not valid or the peer
// does not accept this node's, and pdx.ErrUnavailable if the peer cannot be reached or
// is busy.
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

// Known returns the account of a peer from the cache, without asking the peer.
func (s *Service) Known(id peer.ID) (pdx.Address, bool) { return s.recall(id) }

func (s *Service) recall(id peer.ID) (pdx.Address, bool) {
	proven, ok := s.known.Get(id)
	if !ok || !s.now().Before(proven.Expiry) {
		return "", false
	}
	return proven.Account, true
}
