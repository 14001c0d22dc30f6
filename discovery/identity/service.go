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
	"github.com/libp2p/go-libp2p/x/rate"
	"golang.org/x/sync/singleflight"

	"github.com/medibloc/pdx"
)

// serviceName groups the protocol's streams in the resource manager.
const serviceName = "pdx.hello"

// Service greets and is greeted. New makes one.
type Service struct {
	host     host.Host
	chainID  string
	protocol protocol.ID
	signer   Signer
	log      *slog.Logger
	now      func() time.Time
	timeout  time.Duration

	known   *lru.Cache[peer.ID, Proven]
	flights singleflight.Group
	limiter *rate.Limiter
	places  *places

	ctx    context.Context // ends with Stop
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	state  state
}

type state int

const (
	created state = iota
	running
	stopped
)

// Option changes a Service.
type Option func(*Service)

// WithLog makes the service log to log instead of slog.Default().
func WithLog(log *slog.Logger) Option { return func(s *Service) { s.log = log } }

// WithClock makes the service take the time from now.
func WithClock(now func() time.Time) Option { return func(s *Service) { s.now = now } }

// New wires a Service over h for the account of signer. It starts nothing. A
// chain id that cannot stand in a protocol's name is ErrInvalid.
func New(h host.Host, chainID string, signer Signer, options ...Option) (*Service, error) {
	if chainID == "" || strings.ContainsAny(chainID, "/ ") {
		return nil, fmt.Errorf("identity: %w: chain id %q", pdx.ErrInvalid, chainID)
	}
	known, err := lru.New[peer.ID, Proven](maxKnown)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	s := &Service{
		host: h, chainID: chainID, protocol: protocol.ID("/pdx/" + chainID + "/hello/1"), signer: signer,
		log: slog.Default(), now: time.Now, timeout: handshakeTimeout,
		known: known, limiter: newLimiter(), places: newPlaces(),
	}
	for _, option := range options {
		option(s)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

func newLimiter() *rate.Limiter {
	each := rate.Limit{RPS: addressRate, Burst: addressBurst}
	return &rate.Limiter{
		GlobalLimit: rate.Limit{RPS: totalRate, Burst: totalBurst},
		SubnetRateLimiter: rate.SubnetLimiter{
			IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: 32, Limit: each}},
			IPv6SubnetLimits: []rate.SubnetLimit{{PrefixLength: 56, Limit: each}},
			GracePeriod:      idleBuckets,
		},
	}
}

// Start begins to answer greetings. A Service starts once.
func (s *Service) Start(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != created {
		return fmt.Errorf("%w: identity starts once", pdx.ErrWrongState)
	}
	s.state = running
	s.host.SetStreamHandler(s.protocol, s.limiter.Limit(s.serve))
	return nil
}

// Stop ends all greetings, waits for them, and is idempotent.
func (s *Service) Stop(context.Context) error {
	s.mu.Lock()
	if s.state == running {
		s.host.RemoveStreamHandler(s.protocol)
	}
	s.state = stopped
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
	return nil
}

// begin enters a greeting that Stop waits for; it is false when not running.
// Every true needs one s.wg.Done.
func (s *Service) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != running {
		return false
	}
	s.wg.Add(1)
	return true
}

// Account is the account that a peer has proven to speak for, from memory or by
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

// Known is the account that a peer has proven already, without asking it.
func (s *Service) Known(id peer.ID) (pdx.Address, bool) { return s.recall(id) }

func (s *Service) recall(id peer.ID) (pdx.Address, bool) {
	proven, ok := s.known.Get(id)
	if !ok || !s.now().Before(proven.Expiry) {
		return "", false
	}
	return proven.Account, true
}
