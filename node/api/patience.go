package api

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

const (
	// AskPatience bounds one question to the chain on behalf of a call: an endpoint
	// that is well answers in milliseconds.
	AskPatience = 4 * time.Second
	// callPatience is how long a call may say nothing while the chain is silent,
	// which it is after silentAfter. With lookEvery it is below 5 s.
	callPatience = 4500 * time.Millisecond
	silentAfter  = 3 * time.Second
	lookEvery    = 250 * time.Millisecond
)

// local are the calls that need no chain: that it is silent does not end them.
var local = map[string]bool{
	nodepbconnect.NodeServiceStatusProcedure:         true,
	nodepbconnect.NodeServicePeersProcedure:          true,
	nodepbconnect.NodeServiceListTransfersProcedure:  true,
	nodepbconnect.NodeServiceWatchTransfersProcedure: true,
	nodepbconnect.NodeServiceAddDataProcedure:        true,
	nodepbconnect.NodeServiceListDataProcedure:       true,
	nodepbconnect.NodeServiceGetDataProcedure:        true,
	nodepbconnect.NodeServiceRemoveDataProcedure:     true,
	nodepbconnect.NodeServiceListSalesProcedure:      true,
	nodepbconnect.NodeServiceListPullsProcedure:      true,
	nodepbconnect.NodeServiceBackupProcedure:         true,
	nodepbconnect.NodeServiceWatchProcedure:          true,
}

// Chain reports whether the chain answers.
type Chain interface {
	// Patient bounds each question to the chain that is asked with the context.
	Patient(ctx context.Context, most time.Duration) context.Context
	// Silence is pdx.ErrUnavailable, and names the endpoint, when the chain has not
	// answered for that long.
	Silence(least time.Duration) error
}

// WithPatience answers calls that wait for a chain which does not answer: within
// 5 s they end with pdx.ErrUnavailable, which says who is silent and since when. A
// call that the chain keeps busy, by a block to wait for, goes on, and so does one
// that needs no chain.
func WithPatience(chain Chain) connect.HandlerOption {
	return connect.WithInterceptors(patience{chain})
}

type patience struct{ chain Chain }

// answer is how a call ended.
type answer struct {
	response connect.AnyResponse
	err      error
	panicked any
}

// WrapUnary answers for a call that hangs; what goes on ends with its context.
func (p patience) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		if local[req.Spec().Procedure] {
			return next(p.chain.Patient(ctx, AskPatience), req)
		}
		ctx, cancel := context.WithCancel(p.chain.Patient(ctx, AskPatience))
		defer cancel()
		ended := make(chan answer, 1)
		go func() {
			var a answer
			defer func() {
				a.panicked = recover()
				ended <- a
			}()
			a.response, a.err = next(ctx, req)
		}()
		look := time.NewTimer(callPatience)
		defer look.Stop()
		for {
			select {
			case a := <-ended:
				if a.panicked != nil {
					panic(a.panicked) // where all panics of calls are caught
				}
				return a.response, a.err
			case <-look.C:
				if err := p.chain.Silence(silentAfter); err != nil {
					return nil, err
				}
				look.Reset(lookEvery)
			}
		}
	}
}

// WrapStreamingClient is not for servers.
func (p patience) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler ends a stream that has said nothing yet; afterwards each
// question to the chain has its bound.
func (p patience) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		if local[conn.Spec().Procedure] {
			return next(p.chain.Patient(ctx, AskPatience), conn)
		}
		ctx, cancel := context.WithCancel(p.chain.Patient(ctx, AskPatience))
		speaking := &speaking{StreamingHandlerConn: conn}
		var silent error
		var watch sync.WaitGroup
		watch.Go(func() {
			if silent = p.watch(ctx, speaking); silent != nil {
				cancel()
			}
		})
		err := next(ctx, speaking)
		cancel()
		watch.Wait()
		if silent != nil && err != nil {
			return silent
		}
		return err
	}
}

// watch returns why a stream has said nothing, or nil when it has or is over.
func (p patience) watch(ctx context.Context, conn *speaking) error {
	look := time.NewTimer(callPatience)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			if conn.spoke.Load() {
				return nil
			}
			if err := p.chain.Silence(silentAfter); err != nil {
				return err
			}
			look.Reset(lookEvery)
		}
	}
}

// speaking notes whether a stream said something.
type speaking struct {
	connect.StreamingHandlerConn
	spoke atomic.Bool
}

// Send sends a message, or the headers.
func (s *speaking) Send(m any) error {
	s.spoke.Store(true)
	return s.StreamingHandlerConn.Send(m)
}
