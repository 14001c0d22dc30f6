package store

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx"
)

// ErrScan: a whole table was to be read on behalf of a peer. What peers can ask
// is answered from an index in memory, or by one key.
var ErrScan = fmt.Errorf("%w: a peer's request must not read a whole table", pdx.ErrUnavailable)

type servingKey struct{}

// Serving marks ctx as the context of a peer's request. With it, and with every
// context made from it, Table.All and Table.Count fail with ErrScan: their work
// grows with the table, and a peer may ask as often as it likes.
func Serving(ctx context.Context) context.Context { return context.WithValue(ctx, servingKey{}, true) }

// CheckScan returns ErrScan if ctx is that of a peer's request: see Serving.
func CheckScan(ctx context.Context) error {
	if ctx.Value(servingKey{}) != nil {
		return ErrScan
	}
	return nil
}
