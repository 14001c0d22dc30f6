package buyer_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// hostilePaths are names of folders that mean something to a pattern, to a shell or
// to a URI.
var hostilePaths = []string{
	"trial[1", "[2024]", "a*b", "what?", `back\slash`, "with space", "new\nline",
	"-rf", "per%cent", "a#b", "{a,b}", "~", "데이터",
}

// TestHostileFolders opens what was paid for into folders of any name, and removes
// there what a crash left.
func TestHostileFolders(t *testing.T) {
	for _, mediaType := range []string{criteria.NDJSON, criteria.Folder} {
		for _, name := range hostilePaths {
			t.Run(mediaType+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.prompt = true
					w.out = filepath.Join(w.out, name, name)
					s := w.start()
					pool := w.pool(s)
					w.asksFor(pool, mediaType)
					sold, records := patients(10), "records.ndjson"
					if mediaType == criteria.Folder {
						sold, records = streamOf(t, map[string]string{"ward [1]/a{b}.ndjson": patients(10)}), "records/ward [1]/a{b}.ndjson"
					}
					deal := filepath.Join(w.out, "deal-1")
					require.NoError(t, os.MkdirAll(filepath.Join(deal, ".pdx-123.part"), 0o700))
					require.NoError(t, os.WriteFile(filepath.Join(deal, ".pdx-kept"), []byte("mine"), 0o600))
					w.certify(1, pool, sold)
					w.order(s, pool)
					w.settle(func() bool { return state(s, 1) == model.PullOpened })
					require.Equal(t, patients(10), w.file(t, 1, records))
					require.NoDirExists(t, filepath.Join(deal, ".pdx-123.part"))
					require.Equal(t, "mine", w.file(t, 1, ".pdx-kept"), "what only looks like it stays")
					require.NoError(t, s.Stop(t.Context()))
				})
			})
		}
	}
}

// TestFolderThatCannotBeListed says so, and goes on when it can.
func TestFolderThatCannotBeListed(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		inTheWay := filepath.Join(w.out, "deal-1")
		require.NoError(t, os.Symlink(inTheWay, inTheWay)) // a loop
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullPaused })
		require.Contains(t, pull(t, s, 1).Reason, "folder")
		require.NoError(t, os.Remove(inTheWay))
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
	})
}
