package seller

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// The progress of a stage is shown now and then, and is gone with the next state.
func TestProgressIsShown(t *testing.T) {
	const size = 1000 * records.ProgressSteps
	s := &Service{feed: newFeed()}
	s.feed.set(model.Sale{ID: "s", State: model.SaleSealing})
	shown := func() pdx.Progress {
		sale, ok := s.feed.sales.Get("s")
		require.True(t, ok)
		return sale.Progress
	}
	in := s.meter("s")(stageSealing, size).Reader(bytes.NewReader(make([]byte, size)))
	require.Equal(t, pdx.Progress{Stage: stageSealing, Total: size}, shown())

	changes, last := 0, shown()
	for left := size; left > 0; left -= 100 {
		_, err := io.ReadFull(in, make([]byte, 100))
		require.NoError(t, err)
		if now := shown(); now != last {
			require.Equal(t, pdx.Progress{Stage: stageSealing, Done: uint64(size - left + 100), Total: size}, now)
			changes, last = changes+1, now
		}
	}
	require.EqualValues(t, size, last.Done)
	require.InDelta(t, records.ProgressSteps, changes, 2, "not for every read")
	s.feed.set(model.Sale{ID: "s", State: model.SaleOffering})
	require.Zero(t, shown())
	_, err := io.ReadAll(s.meter("unknown")(stageSealing, 1).Reader(bytes.NewReader([]byte{0})))
	require.NoError(t, err)
	require.Len(t, s.InProgress(), 1)
}
