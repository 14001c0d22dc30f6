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

// Errors with which the kit ends a stream. They decide the reset code.
var (
	// ErrRateLimited: the address group, or all of them, asked too often.
	ErrRateLimited = errors.New("rate limit exceeded")
	// ErrNoSlot: as many streams are served as may be.
	ErrNoSlot = errors.New("no free slot")
	// ErrNoMemory: the resource manager of this host allows no more.
	ErrNoMemory = errors.New("resource limit exceeded")
	// ErrSlow: the peer did not read or write in time.
	ErrSlow = errors.New("peer is too slow")
	// ErrStopped: the server stops.
	ErrStopped = errors.New("server is stopping")
	// ErrPanic: the handler panicked.
	ErrPanic = errors.New("handler panicked")
)

// Kinds are the errors by which a protocol tells failures of a stream apart, and the
// reset codes by which it tells its peer. All but Codes and Failed are needed.
type Kinds struct {
	Frame       error // bytes that are not a message of the protocol
	Unsupported error // the peer does not speak the protocol
	Busy        error // no slot, token or memory, at the peer or here
	Lost        error // every other failure of a stream
	// Codes are the protocol's own reset codes and what each means, in both
	// directions. The first that matches an error counts. A client takes Failed for
	// Lost.
	Codes []Code
	// Failed is the reset code for errors that have no other.
	Failed network.StreamErrorCode
}

// Code is a reset code and the error that it stands for.
type Code struct {
	Err   error
	Reset network.StreamErrorCode
}

// CodeOf returns the code with which a stream is reset for err.
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

// IsSlow reports whether err is the end of a peer's time: ErrSlow, or the error of a
// deadline, of which yamux and QUIC each have their own.
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
