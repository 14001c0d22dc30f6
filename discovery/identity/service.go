package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
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

	admits     func(context.Context, pdx.Address) error
	known      *lru.Cache[peer.ID, Proven]       // that this node greeted or answered
	strangers  *lru.Cache[peer.ID, Proven]       // that it did not answer
	introduced *lru.Cache[peer.ID, introduction] // that know this node's account
	flights    singleflight.Group

	// Greetings outlive the questions that share them: their context ends with Stop.
	ctx       context.Context //nolint:containedctx // see above
	cancel    context.CancelFunc
	life      sync.Mutex // guards running and the first Add of greetings
	running   bool
	greetings sync.WaitGroup
}

// An introduction is when and on which connection a peer learned this node's account.
type introduction struct {
	conn string
	at   time.Time
}

// Config configures a Service. Host, ChainID and Signer are required.
type Config struct {
	Host    host.Host
	ChainID string
	Signer  Signer // the account that this node speaks for
	// Admit returns nil if a peer that has proven that account may learn which account
	// this node speaks for, pdx.ErrRefused if not, and another error if that is not known
	// now. It must answer within the 10 seconds of a handshake. nil admits everybody.
	Admit   func(ctx context.Context, account pdx.Address) error
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
	if c.Admit == nil {
		c.Admit = func(context.Context, pdx.Address) error { return nil }
	}
	known, err := lru.New[peer.ID, Proven](maxKnown)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	strangers, err := lru.New[peer.ID, Proven](maxStrangers)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	introduced, err := lru.New[peer.ID, introduction](maxKnown)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	id := protocol.ID("/pdx/" + c.ChainID + "/hello/1")
	s := &Service{
		host: c.Host, chainID: c.ChainID, signer: c.Signer, now: c.Now, timeout: handshakeTimeout,
		admits: c.Admit, known: known, strangers: strangers, introduced: introduced,
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
// a handshake, which names this node's account to the peer. It returns ErrWithheld if the
// peer does not name its own, pdx.ErrRefused if the peer's binding is not valid or the
// peer does not accept this node's, and pdx.ErrUnavailable if the peer cannot be reached
// or is busy.
func (s *Service) Account(ctx context.Context, id peer.ID) (pdx.Address, error) {
	if id == s.host.ID() {
		return s.signer.Account(), nil
	}
	if account, ok := s.recall(id); ok {
		return account, nil
	}
	account, err := s.share(ctx, "account "+string(id), func() (pdx.Address, error) { return s.greetUnlessKnown(id) })
	if err != nil {
		return "", fmt.Errorf("account of peer %v: %w", id, err)
	}
	return account, nil
}

// Introduce makes sure that a peer knows this node's account, by a handshake unless
// there was one on a connection that is still open, in the last 10 minutes. The peer need
// not name its own account. Errors are those of Account but ErrWithheld.
func (s *Service) Introduce(ctx context.Context, id peer.ID) error {
	if id == s.host.ID() || s.isIntroduced(id) {
		return nil
	}
	_, err := s.share(ctx, "introduce "+string(id), func() (pdx.Address, error) {
		if s.isIntroduced(id) {
			return "", nil
		}
		return s.greet(id)
	})
	if err != nil && !errors.Is(err, ErrWithheld) {
		return fmt.Errorf("introduce to peer %v: %w", id, err)
	}
	return nil
}

// share runs greet, or waits for one that runs under the same name.
func (s *Service) share(ctx context.Context, name string, greet func() (pdx.Address, error)) (pdx.Address, error) {
	flight := s.flights.DoChan(name, func() (any, error) { return greet() })
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-flight:
		if got.Err != nil {
			return "", got.Err
		}
		return got.Val.(pdx.Address), nil
	}
}

// isIntroduced reports whether a peer should still know this node's account.
func (s *Service) isIntroduced(id peer.ID) bool {
	last, ok := s.introduced.Get(id)
	if !ok || s.now().Sub(last.at) >= introductionLife {
		return false
	}
	return slices.ContainsFunc(s.host.Network().ConnsToPeer(id), func(c network.Conn) bool { return c.ID() == last.conn })
}

// Known returns the account of a peer from the cache, without asking the peer.
func (s *Service) Known(id peer.ID) (pdx.Address, bool) { return s.recall(id) }

func (s *Service) recall(id peer.ID) (pdx.Address, bool) {
	for _, cache := range []*lru.Cache[peer.ID, Proven]{s.known, s.strangers} {
		if proven, ok := cache.Get(id); ok && s.now().Before(proven.Expiry) {
			return proven.Account, true
		}
	}
	return "", false
}
