package stream

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
)

// Errors with which this package ends a stream. Kinds.CodeOf maps them to reset codes.
var (
	// ErrRateLimited: the address group, or all groups together, opened too many
	// streams.
	ErrRateLimited = errors.New("rate limit exceeded")
	// ErrNoSlot: Slots, PerPeer, PerGroup or Peers is reached.
	ErrNoSlot = errors.New("no free slot")
	// ErrNoMemory: the resource manager of this host has reached a limit.
	ErrNoMemory = errors.New("resource limit exceeded")
	// ErrSlow: the peer did not read or write in time.
	ErrSlow = errors.New("peer is too slow")
	// ErrStopped: the server is stopping.
	ErrStopped = errors.New("server is stopping")
	// ErrPanic: the handler panicked.
	ErrPanic = errors.New("handler panicked")
)

// Kinds are the errors that a protocol's callers see for failures of a stream, and the
// reset codes that its peers see. Codes and Failed are optional. A Server uses only
// Frame, Codes and Failed.
type Kinds struct {
	Frame       error // bytes that are not a message of the protocol
	Unsupported error // the peer does not speak the protocol
	Busy        error // no slot, token or memory, at the peer or on this host
	Lost        error // every other failure of a stream
	// Codes are the protocol's own reset codes, each with the error that it stands for,
	// in both directions. The first that matches applies. A client returns Lost for the
	// code Failed.
	Codes []Code
	// Failed is the reset code for errors that have no other code.
	Failed network.StreamErrorCode
}

// Code is a reset code and the error that it stands for.
type Code struct {
	Err   error
	Reset network.StreamErrorCode
}

// CodeOf returns the code with which a stream is reset because of err: that of Codes,
// or else libp2p's code for an error of this package, or else Failed.
func (k Kinds) CodeOf(err error) network.StreamErrorCode {
	for _, c := range k.Codes {
		if errors.Is(err, c.Err) {
			return c.Reset
		}
	}
	switch {
	case errors.Is(err, ErrStopped):
		return network.StreamShutdown
	case errors.Is(err, ErrRateLimited), errors.Is(err, ErrNoSlot):
		return network.StreamRateLimited
	case errors.Is(err, ErrNoMemory), IsSlow(err):
		return network.StreamResourceLimitExceeded
	case errors.Is(err, k.Frame):
		return network.StreamProtocolViolation
	}
	return k.Failed
}

// IsSlow reports whether err means that a peer was too slow: it is ErrSlow or the error
// of an expired deadline in yamux or QUIC.
func IsSlow(err error) bool {
	var timeout net.Error
	return errors.Is(err, ErrSlow) || errors.As(err, &timeout) && timeout.Timeout()
}

// explain gives a client's failure the kind that it has for the protocol.
func (k Kinds) explain(ctx context.Context, err error) error {
	var unsupported multistream.ErrNotSupported[protocol.ID]
	var reset *network.StreamError
	code := network.StreamNoError
	if errors.As(err, &reset) && reset.Remote {
		code = reset.ErrorCode
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", k.Lost, ctx.Err())
	case errors.Is(err, ErrFrame):
		return fmt.Errorf("%w: %w", k.Frame, err)
	case errors.As(err, &unsupported):
		return fmt.Errorf("%w: %w", k.Unsupported, err)
	case errors.Is(err, ErrNoMemory), errors.Is(err, network.ErrResourceLimitExceeded),
		code == network.StreamRateLimited, code == network.StreamResourceLimitExceeded:
		return fmt.Errorf("%w: %w", k.Busy, err)
	}
	for _, c := range k.Codes {
		if code != network.StreamNoError && code != k.Failed && code == c.Reset {
			return fmt.Errorf("%w: %w", c.Err, err)
		}
	}
	return fmt.Errorf("%w: %w", k.Lost, err)
}
