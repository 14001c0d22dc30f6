package api

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

type silentChain struct{}

func (silentChain) Patient(ctx context.Context, _ time.Duration) context.Context { return ctx }
func (silentChain) Silence(time.Duration) error                                  { return pdx.ErrUnavailable }

// asked is a call of a procedure.
type asked struct {
	connect.AnyRequest
	procedure string
}

func (a asked) Spec() connect.Spec { return connect.Spec{Procedure: a.procedure} }

// streamed is a stream of a procedure that says nothing.
type streamed struct {
	connect.StreamingHandlerConn
	procedure string
}

func (s streamed) Spec() connect.Spec { return connect.Spec{Procedure: s.procedure} }

// A silent chain ends calls that wait for it, and none that needs no chain.
func TestASilentChainEndsNoLocalCall(t *testing.T) {
	const long = time.Hour
	work := func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(long):
			return nil
		}
	}
	unary := patience{silentChain{}}.WrapUnary(func(ctx context.Context, _ connect.AnyRequest) (connect.AnyResponse, error) {
		return nil, work(ctx)
	})
	stream := patience{silentChain{}}.WrapStreamingHandler(func(ctx context.Context, _ connect.StreamingHandlerConn) error {
		return work(ctx)
	})
	for procedure, needs := range map[string]bool{
		nodepbconnect.NodeServiceRemoveDataProcedure: false, nodepbconnect.NodeServiceBackupProcedure: false,
		nodepbconnect.NodeServiceAddDataProcedure: false, nodepbconnect.NodeServiceListTransfersProcedure: false,
		nodepbconnect.NodeServiceSellProcedure: true, nodepbconnect.NodeServicePullProcedure: true,
	} {
		for name, call := range map[string]func(context.Context) error{
			"call":   func(ctx context.Context) error { _, err := unary(ctx, asked{procedure: procedure}); return err },
			"stream": func(ctx context.Context) error { return stream(ctx, streamed{procedure: procedure}) },
		} {
			t.Run(procedure+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					err := call(t.Context())
					if needs {
						require.ErrorIs(t, err, pdx.ErrUnavailable)
						require.Less(t, time.Since(began), 5*time.Second)
						return
					}
					require.NoError(t, err)
					require.Equal(t, long, time.Since(began))
				})
			})
		}
	}
}
