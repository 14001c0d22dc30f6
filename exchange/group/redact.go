package group

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Redacted makes a type that embeds it print as "[redacted]" with every verb of fmt, in
// slog and in every text encoding. Such a type must store its secret in a Hidden as
// well: if a value of the type is in an unexported field of another struct, fmt cannot
// call its methods and prints its fields instead.
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

// Hidden keeps a secret out of what is printed by reflection. It holds a pointer to a
// pointer to the secret: in a field whose methods it cannot call, fmt may follow one
// pointer but prints the second as an address. The zero Hidden holds nothing.
type Hidden[T any] struct {
	v **T
}

// Hide returns a Hidden that holds v. The caller must not change *v afterwards.
func Hide[T any](v *T) Hidden[T] { return Hidden[T]{v: &v} }

// Reveal returns the secret, or nil if h holds nothing. The caller must not change it.
func (h Hidden[T]) Reveal() *T {
	if h.v == nil {
		return nil
	}
	return *h.v
}
