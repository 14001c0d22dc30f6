package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	"google.golang.org/grpc"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/internal/silence"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/message"
)

// endpoints are those of one chain. Each query goes to the first healthy one, and after a
// failure to the next.
type endpoints struct {
	list []*endpoint
	txs  sdkclient.TxConfig
	poll time.Duration

	mu     sync.Mutex
	newest time.Time // of the newest block that anybody showed
}

func newEndpoints(cfg Config) (*endpoints, error) {
	cdc, txs := newCodec()
	p := &endpoints{txs: txs, poll: cfg.Poll}
	for _, at := range append([]Endpoint{{GRPC: cfg.GRPC, RPC: cfg.RPC}}, cfg.More...) {
		t := times{call: callTimeout, silence: cfg.silence, endpoints: 1 + len(cfg.More)}
		e, err := newEndpoint(cfg.ChainID, at, cdc, t, cfg.Identity)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.list = append(p.list, e)
	}
	return p, nil
}

func (p *endpoints) close() error {
	var err error
	for _, e := range p.list {
		err = errors.Join(err, e.close())
	}
	return err
}

// order returns all endpoints: healthy ones in the order of the configuration, then avoided
// ones, the one that is avoided for the shortest time first.
func (p *endpoints) order() []*endpoint {
	now := time.Now()
	list := slices.Clone(p.list)
	slices.SortStableFunc(list, func(a, b *endpoint) int { return a.health.leftUntil(now).Compare(b.health.leftUntil(now)) })
	return list
}

// living returns the healthy endpoints, or all if none is healthy.
func (p *endpoints) living() []*endpoint {
	now := time.Now()
	list := p.order()
	if i := slices.IndexFunc(list, func(e *endpoint) bool { return !e.health.leftUntil(now).IsZero() }); i > 0 {
		return list[:i]
	}
	return list
}

// try asks one endpoint after the other, as long as another one may succeed.
func try[T any](ctx context.Context, p *endpoints, ask func(*endpoint) (T, error)) (T, error) {
	var failed failures
	for _, e := range p.order() {
		v, err := ask(e)
		if err == nil {
			e.health.answered()
			return v, nil
		}
		if ctx.Err() != nil || !elsewhere(err) {
			return v, err
		}
		p.leave(e, err)
		failed = append(failed, err)
	}
	var none T
	return none, failed.error()
}

// leave puts an endpoint behind the others for a while.
func (p *endpoints) leave(e *endpoint, why error) { e.health.leave(time.Now(), why) }

// Invoke answers a query over gRPC.
func (p *endpoints) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	_, err := try(ctx, p, func(e *endpoint) (struct{}, error) {
		return struct{}{}, e.ClientConn.Invoke(ctx, method, args, reply, opts...)
	})
	return err
}

// NewStream opens a stream with the first endpoint; the module has none.
func (p *endpoints) NewStream(
	ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	return p.order()[0].NewStream(ctx, desc, method, opts...)
}

// Head returns the last block of an endpoint.
func (p *endpoints) Head(ctx context.Context) (pdx.Head, error) {
	r, err := p.farthest(ctx, func(e *endpoint) (span, error) { return e.head(ctx) })
	return r.head, err
}

// Span returns the first block that an endpoint has, and the last one whose state it has.
func (p *endpoints) Span(ctx context.Context) (first, last int64, err error) {
	r, err := p.farthest(ctx, func(e *endpoint) (span, error) { return e.span(ctx) })
	return r.first, r.last, err
}

// Block returns one block with its events.
func (p *endpoints) Block(ctx context.Context, height int64) (Block, error) {
	return try(ctx, p, func(e *endpoint) (Block, error) { return e.block(ctx, height) })
}

// Wait waits for one poll interval.
func (p *endpoints) Wait(ctx context.Context, _ int64) error { return lifecycle.Sleep(ctx, p.poll) }

// farthest avoids endpoints that are behind another one. If all are, the newest counts: the
// chain may have been reset.
func (p *endpoints) farthest(ctx context.Context, ask func(*endpoint) (span, error)) (span, error) {
	var behind []span
	r, err := try(ctx, p, func(e *endpoint) (span, error) {
		r, err := ask(e)
		if err != nil {
			return r, err
		}
		if lag := p.lag(r.head.Time); lag > maxLag {
			behind = append(behind, r)
			return r, unreachable(e.address, fmt.Errorf("it is %s behind other endpoints, at block %d", message.Duration(lag), r.head.Height))
		}
		return r, nil
	})
	if err != nil && ctx.Err() == nil && len(behind) > 0 {
		return slices.MaxFunc(behind, func(a, b span) int { return a.head.Time.Compare(b.head.Time) }), nil
	}
	return r, err
}

// lag returns how far a block is behind the newest known one. Times in the future are
// ignored.
func (p *endpoints) lag(of time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if of.After(p.newest) && of.Before(time.Now().Add(maxLag)) {
		p.newest = of
	}
	return p.newest.Sub(of)
}

// Silence returns nil unless every endpoint has been silent for at least that long over gRPC
// or RPC; then it returns a pdx.ErrUnavailable that names them.
func (c *Client) Silence(least time.Duration) error {
	var silent failures
	now := time.Now()
	for _, e := range c.ends.list {
		missing, heard, address := e.silence(now)
		if missing < least {
			return nil
		}
		silent = append(silent, silence.Missing(address, missing, heard))
	}
	return silent.error()
}

// silence returns the longer silence of the two protocols.
func (e *endpoint) silence(now time.Time) (missing time.Duration, heard time.Time, address string) {
	missing, heard = e.rpcPulse.Silence(now)
	address = e.address
	if m, h := e.grpcPulse.Silence(now); m > missing {
		missing, heard, address = m, h, e.Target()
	}
	return missing, heard, address
}
