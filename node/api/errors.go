package api

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
)

// codes is the border between package pdx's errors and RPC codes, both ways.
var codes = []struct {
	sentinel error
	code     connect.Code
}{
	{pdx.ErrInvalid, connect.CodeInvalidArgument},
	{pdx.ErrNotFound, connect.CodeNotFound},
	{pdx.ErrRefused, connect.CodePermissionDenied},
	{pdx.ErrWrongState, connect.CodeFailedPrecondition},
	{pdx.ErrNoFunds, connect.CodeResourceExhausted},
	{pdx.ErrCorrupt, connect.CodeDataLoss},
	{pdx.ErrUnavailable, connect.CodeUnavailable},
}

// toStatus gives an error its RPC code; a message is kept whole.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	if status := new(connect.Error); errors.As(err, &status) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return connect.NewError(connect.CodeCanceled, err)
	}
	for _, c := range codes {
		if errors.Is(err, c.sentinel) {
			return connect.NewError(c.code, err)
		}
	}
	return connect.NewError(connect.CodeInternal, err)
}

// remote is an error that a node answered with.
type remote struct {
	text     string
	sentinel error
}

func (r *remote) Error() string { return r.text }
func (r *remote) Unwrap() error { return r.sentinel }

// FromStatus turns what a call returned back into the error that the node
// meant: errors.Is finds package pdx's sentinels again. A node that does not
// answer, or stops in the middle of it, is pdx.ErrUnavailable.
func FromStatus(err error) error {
	var status *connect.Error
	if !errors.As(err, &status) {
		return err
	}
	if !connect.IsWireError(err) && status.Code() != connect.CodeCanceled && status.Code() != connect.CodeDeadlineExceeded {
		return fmt.Errorf("the node does not answer: %w: start it with `pdx daemon` (%s)", pdx.ErrUnavailable, status.Message())
	}
	for _, c := range codes {
		if status.Code() == c.code {
			return &remote{status.Message(), c.sentinel}
		}
	}
	return errors.New(status.Message())
}

// mapErrors is the interceptor that applies toStatus to every answer.
type mapErrors struct{}

func (mapErrors) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		return res, toStatus(err)
	}
}

func (mapErrors) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (mapErrors) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		return toStatus(next(ctx, conn))
	}
}
