package validator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
)

// What a request can end with beside a verdict.
var (
	// ErrBusy: the queue is full, for all or for this asker.
	ErrBusy = fmt.Errorf("%w: this validator is busy; ask again later", pdx.ErrUnavailable)
	// ErrStopped: the service is not running.
	ErrStopped = fmt.Errorf("%w: this validator is shutting down; ask again later", pdx.ErrUnavailable)
	// ErrTooLarge: the dataset is larger than this validator takes.
	ErrTooLarge = fmt.Errorf("%w: the dataset is larger than this validator takes", pdx.ErrRefused)
	// ErrNoRoom: the ciphertexts this validator must keep leave no room for one more.
	ErrNoRoom = fmt.Errorf("%w: this validator has no room for the dataset now; ask again later", pdx.ErrUnavailable)
)

// errTooSlow ends a validation that takes too long, errSlow one that others made so;
// errLast the waiting of a drawn validator; errGone is of one whose asker left.
var (
	errTooSlow = fmt.Errorf("%w: the validation took too long; asking again goes on where it ended", pdx.ErrUnavailable)
	errSlow    = missing("getting the ciphertext took too long; asking again goes on where it ended", errTooSlow)
	errLast    = missing("this validator waited for the ciphertext until its verdict was due", pdx.ErrUnavailable)
	errGone    = missing("the asker left", nil)
)

// explain gives an interruption its reason.
func explain(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, errTooSlow):
		return err
	case errors.Is(err, lifecycle.ErrStopped), errors.Is(context.Cause(ctx), lifecycle.ErrStopped):
		return ErrStopped
	case ctx.Err() == nil:
		return err
	default:
		return errGone
	}
}

// Retry reports whether asking for the same deal again may bring a verdict.
func Retry(err error) bool { return errors.Is(err, pdx.ErrUnavailable) }

// fault is an error whose text a peer may read and whose cause it may not.
type fault struct {
	public string
	kind   error
	cause  error
	others bool          // did not serve what the check needs
	set    pdx.RecordSet // that nobody served, if it was one that the chain knows
}

// missing is the failure of others to serve what a check needs: no verdict, try
// again, as long as there is time.
func missing(public string, cause error) error {
	return &fault{public: public, kind: pdx.ErrUnavailable, cause: cause, others: true}
}

// ofOthers reports whether others did not serve what a check needs.
func ofOthers(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.others
}

// missingSet is missing for a record set of a dataset that the pool bought.
func missingSet(e earlier, cause error) error {
	err := fetchFault("the record set of an earlier dataset", "the pool's validators", cause)
	var f *fault
	if errors.As(err, &f) && f.others && e.held {
		f.set = e.set
	}
	return err
}

// setOf is the record set that an error is about, if it is about one.
func setOf(err error) (set pdx.RecordSet) {
	var f *fault
	if errors.As(err, &f) {
		set = f.set
	}
	return set
}

// ownFault is a failure of this machine or its ways to the world: no verdict,
// try again.
func ownFault(public string, cause error) error {
	return &fault{public: public, kind: pdx.ErrUnavailable, cause: cause}
}

// noVerdict is a failure that trying again does not mend and that is not the
// seller's.
func noVerdict(public string, cause error) error {
	return &fault{public: public, kind: pdx.ErrRefused, cause: cause}
}

// Error is the sentence for the asker.
func (f *fault) Error() string { return f.public }

// Unwrap gives the sentinel and never the cause's own: a cause such as
// "not found" inside this machine means nothing to the asker.
func (f *fault) Unwrap() error { return f.kind }

// causeOf is what to log about err.
func causeOf(err error) slog.Attr {
	var f *fault
	if errors.As(err, &f) && f.cause != nil {
		return slog.String("error", f.public+": "+f.cause.Error())
	}
	return slog.String("error", err.Error())
}
