package validation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
)

// Asker is the peer that asks, and the account that it proved to speak for.
type Asker struct {
	Peer    peer.ID
	Account pdx.Address
}

// Handler is the validator behind the server.
type Handler interface {
	// Admit says, before a request is queued, whether this asker may ask about this
	// deal: quickly, from the ledger. Its error is the answer.
	Admit(ctx context.Context, asker Asker, deal pdx.DealID) error
	// Validate checks a deal and certifies the verdict; ctx ends when the asker
	// is gone or the server stops. progress may be called from any goroutine and
	// never blocks. An error that wraps ErrBusy tells the asker that no slot is free;
	// one that wraps pdx.ErrUnavailable or pdx.ErrNotFound to try again. Its text is
	// sent to the asker, so it must hold nothing private.
	Validate(ctx context.Context, asker Asker, r Request, progress func(pdx.Progress)) (pdx.Verdict, error)
}

// Load is how busy the handler's queue is.
type Load struct{ Running, Waiting, Certifying int }

// Config is what a Server works with.
type Config struct {
	Host    host.Host
	ChainID string
	Handler Handler
	// Account returns the account that a peer proved to speak for. Its errors answer
	// the peer like those of the Handler.
	Account func(ctx context.Context, id peer.ID) (pdx.Address, error)
	// Slots is how many requests of all askers the handler's queue takes, and
	// SlotsEach how many of one asker, which it is told.
	Slots, SlotsEach int
	Load             func() Load           // for the metrics
	Registerer       prometheus.Registerer // nil shows no metrics
	Metrics          *stream.Metrics       // may be nil
	Log              *slog.Logger          // nil is silent
}

// server is what the handlers of streams share.
type server struct {
	handler Handler
	slots   int // of one asker
	metrics *metrics
	log     *slog.Logger
	timing  timing
}

// timing is in one place so that tests of silence do not wait for minutes.
type timing struct{ keepAlive, pause, request time.Duration }

// NewServer returns a server that answers askers between Start and Stop. A stop ends
// all validations: a certificate that is on its way is not lost, and everything else
// goes on when it is asked for again.
func NewServer(c Config) (*stream.Server, error) {
	return newServer(c, timing{keepAlive: keepAlive, pause: progressPause, request: requestTimeout})
}

func newServer(c Config, t timing) (*stream.Server, error) {
	if c.ChainID == "" || c.Handler == nil || c.Account == nil || c.Load == nil || c.SlotsEach < 1 || c.Slots < c.SlotsEach {
		return nil, fmt.Errorf("validation server: %w: chain id, handler, account, load and slots are needed", pdx.ErrInvalid)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	metrics, err := newMetrics(c.Registerer, c.Load)
	if err != nil {
		return nil, fmt.Errorf("validation server: %w", err)
	}
	s := &server{handler: c.Handler, slots: c.SlotsEach, metrics: metrics, log: c.Log, timing: t}
	return stream.NewServer(stream.Config{
		Host: c.Host, Service: service, Limits: limitsFor(c.Slots), Kinds: kinds, Account: c.Account,
		Handlers: map[protocol.ID]stream.Handler{Protocol(c.ChainID): s.serve},
		Dropped:  s.dropped, Metrics: c.Metrics, Log: c.Log,
	})
}

// dropped counts a stream that did not get to its end here.
func (s *server) dropped(err error, _ time.Duration) {
	if errors.Is(err, stream.ErrPanic) {
		s.metrics.ended(outcomePanic)
		return
	}
	s.metrics.ended(outcomeLimited)
}

// errGone: the asker left, or does not take its answer.
var errGone = errors.New("the asker is gone")

// kinds: a validator that cannot be reached may be another time.
var kinds = stream.Kinds{
	Frame: ErrProtocol, Unsupported: ErrUnreachable, Busy: ErrBusy, Lost: ErrUnreachable, Failed: network.StreamShutdown,
}
