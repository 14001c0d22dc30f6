package node

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

// The view of the chain is old before the first block, and when the newest one is.
func TestFollowerKnowsThatItIsBehind(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	f := &follower{cursor: store.NewCursor(db, "chain"), wake: func(pdx.Event) {}, skew: chainview.NewSkew()}
	require.True(t, f.behind())
	handle := func(height int64, age time.Duration) {
		require.NoError(t, f.handle(t.Context(), client.Block{Head: pdx.Head{Height: height, Time: time.Now().Add(-age)}}))
	}
	handle(1, time.Second)
	require.False(t, f.behind())
	handle(2, viewLag+time.Second)
	require.True(t, f.behind())
}
