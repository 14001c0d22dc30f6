package localnet

import (
	"context"
	"log/slog"
	"sync/atomic"

	"cosmossdk.io/log"
)

// chainLogger lets the SDK and CometBFT write to slog.
type chainLogger struct{ *slog.Logger }

var _ log.Logger = chainLogger{}

func (l chainLogger) With(keyVals ...any) log.Logger { return chainLogger{l.Logger.With(keyVals...)} }
func (l chainLogger) Impl() any                      { return l.Logger }

// newChainLogger passes errors only, unless all is wanted: at one block a
// second the rest hides what matters. Once ending is set it passes nothing but
// under verbose: CometBFT takes every listener that closes for an error.
func newChainLogger(l *slog.Logger, verbose bool, ending *atomic.Bool) log.Logger {
	if !verbose {
		l = slog.New(quiet{Handler: l.Handler(), ending: ending})
	}
	return chainLogger{l}
}

// quiet is a handler that drops everything below errors.
type quiet struct {
	slog.Handler
	ending *atomic.Bool
}

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && !q.ending.Load() && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quiet{Handler: q.Handler.WithAttrs(attrs), ending: q.ending}
}

func (q quiet) WithGroup(name string) slog.Handler {
	return quiet{Handler: q.Handler.WithGroup(name), ending: q.ending}
}
