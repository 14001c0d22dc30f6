package node

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/validation"
)

// What is wrong with a validator reaches the seller as what it is: its queue does
// another thing for each.
func TestAskErrors(t *testing.T) {
	var busy *seller.BusyError
	err := askError(t.Context(), fmt.Errorf("ask: %w", &validation.BusyError{After: time.Second, Slots: 16, Why: "full"}))
	require.ErrorAs(t, err, &busy)
	require.Equal(t, seller.BusyError{After: time.Second, Slots: 16, Why: "full"}, *busy)
	require.ErrorIs(t, err, pdx.ErrUnavailable)

	err = askError(t.Context(), fmt.Errorf("ask: %w: dial", validation.ErrUnreachable))
	require.ErrorIs(t, err, seller.ErrUnreachable)
	require.ErrorContains(t, err, "dial")

	for _, kind := range []error{pdx.ErrUnavailable, pdx.ErrRefused} {
		err = askError(t.Context(), fmt.Errorf("validator: %w", kind))
		require.ErrorIs(t, err, kind)
		require.NotErrorIs(t, err, seller.ErrUnreachable)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.NotErrorIs(t, askError(gone, fmt.Errorf("%w: %w", validation.ErrUnreachable, context.Canceled)), seller.ErrUnreachable)
}
