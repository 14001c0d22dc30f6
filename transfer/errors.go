package transfer

import (
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// A PeerError is a failure of Peer or of the path to it. The error that it wraps says
// whether to ask again; see the package documentation.
type PeerError struct {
	Peer peer.ID
	Err  error
}

// Error names the peer.
func (e *PeerError) Error() string { return fmt.Sprintf("peer %s: %v", e.Peer, e.Err) }

// Unwrap returns the failure.
func (e *PeerError) Unwrap() error { return e.Err }

// busyError is the answer of a server that wants to be asked later.
type busyError struct{ after time.Duration }

func (e *busyError) Error() string { return fmt.Sprintf("busy: retry in %v", e.after) }
func (e *busyError) Unwrap() error { return pdx.ErrUnavailable }

// RetryAfter implements retry.Busy.
func (e *busyError) RetryAfter() time.Duration { return e.after }

// errOf is what a status other than OK means to the puller.
func errOf(s *transferpb.Status) error {
	switch s.GetCode() {
	case transferpb.Code_CODE_OK:
		return nil
	case transferpb.Code_CODE_NOT_FOUND:
		return fmt.Errorf("%w: the peer does not hold the blob", pdx.ErrNotFound)
	case transferpb.Code_CODE_REFUSED:
		return fmt.Errorf("%w: the peer does not permit the pull", pdx.ErrRefused)
	case transferpb.Code_CODE_BUSY:
		return &busyError{after: time.Duration(s.GetRetryAfterMs()) * time.Millisecond}
	case transferpb.Code_CODE_FAILED:
		return fmt.Errorf("%w: the peer cannot read the blob", pdx.ErrUnavailable)
	case transferpb.Code_CODE_TOO_BIG:
		return fmt.Errorf("%w: pull it by itself", blob.ErrNotSmall)
	case transferpb.Code_CODE_BAD_REQUEST:
		return fmt.Errorf("%w: the peer says that the request breaks the protocol", pdx.ErrInvalid)
	default:
		return fmt.Errorf("%w: unknown status code %d", pdx.ErrCorrupt, s.GetCode())
	}
}

// codeOf is how a server answers an error of its authorizer or its store.
func codeOf(err error) transferpb.Code {
	switch {
	case err == nil:
		return transferpb.Code_CODE_OK
	case errors.Is(err, pdx.ErrRefused):
		return transferpb.Code_CODE_REFUSED
	case errors.Is(err, pdx.ErrNotFound):
		return transferpb.Code_CODE_NOT_FOUND
	case errors.Is(err, pdx.ErrUnavailable):
		return transferpb.Code_CODE_BUSY
	case errors.Is(err, blob.ErrNotSmall):
		return transferpb.Code_CODE_TOO_BIG
	case errors.Is(err, pdx.ErrInvalid):
		return transferpb.Code_CODE_BAD_REQUEST
	default:
		return transferpb.Code_CODE_FAILED
	}
}
