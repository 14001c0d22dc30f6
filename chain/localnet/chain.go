package localnet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	servercmtlog "github.com/cosmos/cosmos-sdk/server/log"
	"github.com/gofrs/flock"
	"google.golang.org/grpc"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/endpoints"
)

// Chain is a chain that runs in this process between Start and Stop.
type Chain struct {
	cfg      Config
	home     home
	settings settings

	mu      sync.Mutex
	started bool
	lock    *flock.Flock
	node    *node
	grpc    *grpc.Server
	rpc     *rpcServer
	rest    *restServer
	where   endpoints.Endpoints
	serving sync.WaitGroup
	ending  atomic.Bool

	end  sync.Once
	done chan struct{}
	err  error // valid after done
}

// New reads the chain in cfg.Home; ErrNoChain if Init did not make one. It starts nothing.
func New(cfg Config) (*Chain, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.Home)
	if err != nil {
		return nil, fmt.Errorf("find home: %w", err)
	}
	s, err := home(dir).readSettings()
	if err != nil {
		return nil, err
	}
	if cfg.BlockInterval == 0 {
		if cfg.BlockInterval, err = s.interval(); err != nil {
			return nil, err
		}
	}
	return &Chain{cfg: cfg, home: home(dir), settings: s, done: make(chan struct{})}, nil
}

// Start runs the chain and returns once it has committed a block, so that every
// query has a state to answer from. ctx bounds the start, not the run. A Chain
// is started once; after an error nothing is left running.
func (c *Chain) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started {
		return fmt.Errorf("%w: a chain is started once", pdx.ErrWrongState)
	}
	c.started = true
	if err := c.start(ctx); err != nil {
		return errors.Join(err, c.close(ctx))
	}
	return nil
}

func (c *Chain) start(ctx context.Context) (err error) {
	if c.lock, err = c.home.lock(); err != nil {
		return err
	}
	before, _ := endpoints.Read(string(c.home)) // a first start has none
	l, err := c.cfg.listen(ctx, before)
	if err != nil {
		return err
	}
	logger := newChainLogger(c.cfg.Logger, c.cfg.Verbose, &c.ending)
	c.node, err = openNode(c.home.node(0), c.settings.ChainID, c.cfg.software(), c.cfg.BlockInterval, logger, c.finish)
	if err != nil {
		l.close()
		return err
	}
	if err := c.node.start(ctx, c.done); err != nil {
		l.close()
		return errors.Join(err, c.Err())
	}
	clientCtx := c.node.clientContext(c.settings.ChainID)
	if c.grpc, err = c.node.newGRPC(clientCtx); err != nil {
		l.close()
		return err
	}
	if c.rpc, err = newRPC(c.node.comet, c.cfg.RESTOrigins, servercmtlog.CometLoggerWrapper{Logger: logger}); err != nil {
		l.close()
		return err
	}
	if c.rest, err = c.node.newREST(clientCtx, l.grpc.Addr().String(), c.cfg.RESTOrigins, logger); err != nil {
		l.close()
		return err
	}
	c.serve(l)
	return c.announce(l)
}

// serve answers on the listeners until close; it owns them from here on.
func (c *Chain) serve(l listeners) {
	grpcServer, rpc, rest := c.grpc, c.rpc, c.rest
	c.serving.Go(func() {
		if err := grpcServer.Serve(l.grpc); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			c.finish(fmt.Errorf("serve gRPC: %w", err))
		}
	})
	c.serving.Go(func() {
		if err := rpc.http.Serve(l.rpc); err != nil && !errors.Is(err, http.ErrServerClosed) {
			c.finish(fmt.Errorf("serve RPC: %w", err))
		}
	})
	c.serving.Go(func() {
		if err := rest.http.Serve(l.rest); err != nil && !errors.Is(err, http.ErrServerClosed) {
			c.finish(fmt.Errorf("serve REST: %w", err))
		}
	})
}

func (c *Chain) announce(l listeners) error {
	c.where = endpoints.Endpoints{
		ChainID: c.settings.ChainID,
		GRPC:    l.grpc.Addr().String(),
		RPC:     httpScheme + l.rpc.Addr().String(),
		REST:    httpScheme + l.rest.Addr().String(),
		Home:    string(c.home),
		PID:     os.Getpid(),
		Trust:   c.node.trust(),
	}
	if err := writeFile(c.home.endpointsFile(), c.where); err != nil {
		return fmt.Errorf("write endpoints: %w", err)
	}
	return nil
}

// graceful is how long running calls may take when the chain stops.
const graceful = 300 * time.Millisecond

// Stop ends the chain and waits for all of its goroutines. Calls in progress may finish
// until ctx ends, and for at most 300 ms. Stop of a chain that is stopped or was never
// started does nothing.
func (c *Chain) Stop(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.close(ctx)
}

// close undoes what start did, in reverse, as far as it came.
func (c *Chain) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, graceful)
	defer cancel()
	c.ending.Store(true)
	var errs []error
	if c.rest != nil {
		errs = append(errs, c.rest.stop(ctx))
	}
	if c.grpc != nil {
		stopGRPC(ctx, c.grpc)
	}
	if c.rpc != nil {
		errs = append(errs, c.rpc.stop())
	}
	c.serving.Wait()
	if c.node != nil {
		errs = append(errs, c.node.close())
	}
	if c.where.PID != 0 {
		c.where.PID = 0
		errs = append(errs, writeFile(c.home.endpointsFile(), c.where))
	}
	if c.lock != nil {
		errs = append(errs, c.lock.Close())
	}
	c.grpc, c.rpc, c.rest, c.node, c.lock = nil, nil, nil, nil, nil
	c.finish(nil)
	return errors.Join(errs...)
}

// finish records the end; the first one counts.
func (c *Chain) finish(err error) {
	c.end.Do(func() {
		c.err = err
		close(c.done)
	})
}

// Done returns a channel that is closed when the chain was stopped or failed. After a
// failure Err returns the reason, and Stop must still be called.
func (c *Chain) Done() <-chan struct{} { return c.done }

// Err returns why the chain failed; nil while it runs and after Stop.
func (c *Chain) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// ChainID returns the chain's id.
func (c *Chain) ChainID() string { return c.settings.ChainID }

// Endpoints returns where the chain is reached; the zero value before Start.
func (c *Chain) Endpoints() endpoints.Endpoints {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.where
}

// GRPCAddr returns host:port of the gRPC server, without TLS.
func (c *Chain) GRPCAddr() string { return c.Endpoints().GRPC }

// RPCAddr returns http://host:port of CometBFT's RPC.
func (c *Chain) RPCAddr() string { return c.Endpoints().RPC }

// RESTAddr returns http://host:port of the queries as JSON.
func (c *Chain) RESTAddr() string { return c.Endpoints().REST }
