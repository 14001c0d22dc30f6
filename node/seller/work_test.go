package seller

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// What takes long is seen while it goes on, now and then, and is over with the
// next state.
func TestProgressIsShown(t *testing.T) {
	const size = 1000 * workSteps
	b := newBoard()
	b.set(Sale{ID: "s", State: Sealing})
	w := b.join()
	b.news(w)
	in := b.watch("s")(stepSealing, size).reader(bytes.NewReader(make([]byte, size)))
	require.Equal(t, []Sale{{ID: "s", State: Sealing, Step: stepSealing, Work: size}}, b.news(w))

	shown := 0
	for left := size; left > 0; left -= 100 {
		_, err := io.ReadFull(in, make([]byte, 100))
		require.NoError(t, err)
		for _, sale := range b.news(w) {
			require.EqualValues(t, size-left+100, sale.Done)
			shown++
		}
	}
	require.InDelta(t, workSteps, shown, 2, "not for every read")
	b.set(Sale{ID: "s", State: Offering})
	require.Equal(t, []Sale{{ID: "s", State: Offering}}, b.news(w))
	b.work("unknown", stepSealing, 1, 2)
	require.Empty(t, b.news(w))
}
