package need_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/need"
)

func TestAll(t *testing.T) {
	type config struct {
		Name    string
		Context context.Context //nolint:containedctx // a field of any type
		Run     func()
		Limit   int
	}
	require.NoError(t, need.All(config{"x", t.Context(), func() {}, 1}))
	require.NoError(t, need.All(config{Name: "x"}, "Context", "Run", "Limit"))
	err := need.All(config{Name: "x"}, "Limit")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "lacks Context, Run")
}
