package light

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	cmtlight "github.com/cometbft/cometbft/light"
	"github.com/cometbft/cometbft/light/provider"

	"github.com/medibloc/pdx"
)

var (
	// ErrStale: the newest block that a source shows is older than MaxAge. The chain
	// has halted, the source lags or hides newer blocks, or this machine's clock is
	// wrong.
	ErrStale = fmt.Errorf("%w: its newest block is old", pdx.ErrUnavailable)
	// ErrExpired: no trusted header is within the trusting period. The owner must
	// configure a new anchor.
	ErrExpired = fmt.Errorf("%w: the trusting period has passed: "+
		"look up the height and hash of a recent block where you trust it, "+
		"and set chain.trust.height and chain.trust.hash to them", pdx.ErrRefused)
	// ErrClock: a block that is rightly signed is dated in this machine's future, so its
	// clock is behind. No source is at fault.
	ErrClock = fmt.Errorf("%w: this machine's clock is behind", pdx.ErrUnavailable)
	// ErrAnchorPruned: a source no longer has the trusted block.
	ErrAnchorPruned = fmt.Errorf("%w: the trusted block is pruned", pdx.ErrUnavailable)
	// ErrMemory: the stored block cannot be read. No source is at fault.
	ErrMemory = errors.New("the newest verified block cannot be read from this machine's disk")
	// ErrFork: two sources show different blocks of one height, both signed.
	ErrFork = fmt.Errorf("%w: the chain validators signed two blocks of one height; nothing can be trusted now", pdx.ErrRefused)
)

// A Lie is an answer of a source that is proven false. It wraps pdx.ErrCorrupt.
type Lie struct {
	Source string
	What   string
}

// Error names the source and what was false.
func (l *Lie) Error() string { return fmt.Sprintf("%s lies or is broken: %s", l.Source, l.What) }

// Unwrap returns pdx.ErrCorrupt.
func (l *Lie) Unwrap() error { return pdx.ErrCorrupt }

func lie(s Source, format string, args ...any) error {
	return &Lie{Source: s.Name, What: fmt.Sprintf(format, args...)}
}

// silent is an error of the request, not of the answer.
type silent struct{ error }

func (s silent) Unwrap() error { return s.error }

func unavailable(s Source, what string, err error) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) { // its own cause, without "Post" and the address again
		err = failed.Err
	}
	if errors.Is(err, pdx.ErrUnavailable) {
		return fmt.Errorf("%s: %s: %w", s.Name, what, err)
	}
	return fmt.Errorf("%s: %s: %w: %w", s.Name, what, pdx.ErrUnavailable, err)
}

// judge converts an error of the light client into a judgement of the source.
func judge(s Source, what string, err error) error {
	var bad provider.ErrBadLightBlock
	var expired cmtlight.ErrOldHeaderExpired
	var unanswered silent
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		return lie(s, "%s does not hold together: %v", what, bad.Reason)
	case errors.As(err, &expired):
		return fmt.Errorf("%w (what was verified last was made too long before %s)", ErrExpired, expired.Now.UTC().Format("2006-01-02 15:04 MST"))
	case errors.As(err, &unanswered), isBenign(err):
		return unavailable(s, what, err)
	}
	return lie(s, "%s does not follow from what is trusted: %v", what, err)
}

// isBenign reports whether an honest source may give this answer.
func isBenign(err error) bool {
	for _, benign := range []error{
		provider.ErrNoResponse, provider.ErrLightBlockNotFound, provider.ErrHeightTooHigh, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, benign) {
			return true
		}
	}
	var unreached cmtlight.ErrNewValSetCantBeTrusted // a header in between could not be had
	return errors.As(err, &unreached)
}
