package api

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
)

// Kind is a kind of failure, as every border of a node shows it.
type Kind struct {
	Sentinel error
	// Name is the kind in JSON. The catalogue has a sentence that says what to do
	// about it, error.NAME.cure, and one that says what it means, exit.NAME.
	Name string
	Code connect.Code
	// Exit is how a command ends. Scripts depend on these numbers: they never change.
	Exit int
}

// Kinds returns all kinds of failure. An error of two kinds is of the first.
func Kinds() []Kind {
	return []Kind{
		{pdx.ErrInvalid, "invalid", connect.CodeInvalidArgument, 3},
		{pdx.ErrNotFound, "not_found", connect.CodeNotFound, 4},
		{pdx.ErrRefused, "refused", connect.CodePermissionDenied, 8},
		{pdx.ErrWrongState, "wrong_state", connect.CodeFailedPrecondition, 6},
		{pdx.ErrNoFunds, "no_funds", connect.CodeResourceExhausted, 5},
		{pdx.ErrCorrupt, "corrupt", connect.CodeDataLoss, 9},
		{pdx.ErrUnavailable, "unavailable", connect.CodeUnavailable, 7},
	}
}

// KindOf returns the kind of an error, if it is one of package pdx's.
func KindOf(err error) (Kind, bool) {
	for _, k := range Kinds() {
		if errors.Is(err, k.Sentinel) {
			return k, true
		}
	}
	return Kind{}, false
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
	if kind, ok := KindOf(err); ok {
		return connect.NewError(kind.Code, err)
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

// FromDaemon reports whether an error is an answer of the daemon.
func FromDaemon(err error) bool {
	answer := new(remote)
	return errors.As(err, &answer)
}

// FromStatus turns what a call returned back into the error that the node
// meant: errors.Is finds package pdx's sentinels again. A node that does not
// answer, or stops in the middle of it, is pdx.ErrUnavailable.
func FromStatus(err error) error {
	var status *connect.Error
	if !errors.As(err, &status) {
		return err
	}
	if errors.Is(err, pdx.ErrInvalid) { // of this side: fromErrors refused the request
		return err
	}
	if !connect.IsWireError(err) && status.Code() != connect.CodeCanceled && status.Code() != connect.CodeDeadlineExceeded {
		return fmt.Errorf("the node does not answer: %w: start it with `pdx daemon` (%s)", pdx.ErrUnavailable, status.Message())
	}
	for _, k := range Kinds() {
		if status.Code() == k.Code {
			return &remote{status.Message(), k.Sentinel}
		}
	}
	return &remote{text: status.Message()}
}

// mapErrors is the interceptor that applies toStatus to every answer, and repair to
// every message.
type mapErrors struct{}

func (mapErrors) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		if err == nil {
			repair(res.Any())
		}
		return res, toStatus(err)
	}
}

func (mapErrors) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (mapErrors) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		return toStatus(next(ctx, repairing{conn}))
	}
}
