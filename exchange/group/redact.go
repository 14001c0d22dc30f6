package group

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Redacted makes the type that embeds it print as "[redacted]" under every verb
// of fmt, in slog and in every text encoding. The type keeps its secret Hidden
// as well: fmt cannot ask the methods of what stands in an unexported field.
type Redacted struct{}

// Format implements fmt.Formatter.
func (Redacted) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String implements fmt.Stringer.
func (Redacted) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Redacted) GoString() string { return redacted }

// LogValue implements slog.LogValuer.
func (Redacted) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler.
func (Redacted) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Hidden keeps a secret from what prints by reflection. fmt follows one pointer
// even in fields whose methods it cannot call, and never two. The zero Hidden
// holds nothing.
type Hidden[T any] struct {
	v **T
}

// Hide hides v, which must not change any more.
func Hide[T any](v *T) Hidden[T] { return Hidden[T]{v: &v} }

// Reveal returns the secret, or nil. It must not be changed.
func (h Hidden[T]) Reveal() *T {
	if h.v == nil {
		return nil
	}
	return *h.v
}
