package localnet

import (
	"context"
	"log/slog"

	"cosmossdk.io/log"
)

// chainLogger lets the SDK and CometBFT write to slog.
type chainLogger struct{ *slog.Logger }

var _ log.Logger = chainLogger{}

func (l chainLogger) With(keyVals ...any) log.Logger { return chainLogger{l.Logger.With(keyVals...)} }
func (l chainLogger) Impl() any                      { return l.Logger }

// newChainLogger passes errors only, unless all is wanted: at one block a
// second the rest hides what matters.
func newChainLogger(l *slog.Logger, verbose bool) log.Logger {
	if !verbose {
		l = slog.New(quiet{l.Handler()})
	}
	return chainLogger{l}
}

// quiet is a handler that drops everything below errors.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && q.Handler.Enabled(ctx, level)
}
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }
func (q quiet) WithGroup(name string) slog.Handler       { return quiet{q.Handler.WithGroup(name)} }
