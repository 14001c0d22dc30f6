package fs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
)

// losses are what somebody can remove below a store that is open.
func losses(t *testing.T) map[string]func(dir string) {
	remove := func(names ...string) func(dir string) {
		return func(dir string) { require.NoError(t, os.RemoveAll(filepath.Join(append([]string{dir}, names...)...))) }
	}
	each := func(sub string, change func(path string)) func(string) {
		return func(dir string) {
			all, err := os.ReadDir(filepath.Join(dir, sub))
			require.NoError(t, err)
			for _, entry := range all {
				change(filepath.Join(dir, sub, entry.Name()))
			}
		}
	}
	return map[string]func(string){
		"everything":       func(dir string) { remove("")(dir) },
		"all whole blobs":  remove("blobs"),
		"all packs":        remove("packs"),
		"room for new":     remove("tmp"),
		"all pulls":        remove("partial"),
		"folder of a pack": each("packs", func(p string) { require.NoError(t, os.RemoveAll(p)) }),
		"file of a pack":   each("packs", func(p string) { require.NoError(t, os.Remove(filepath.Join(p, "pack"))) }),
		"end of a pack":    each("packs", func(p string) { require.NoError(t, os.Truncate(filepath.Join(p, "pack"), 60)) }),
		"bytes of a pack":  each("packs", func(p string) { flip(t, filepath.Join(p, "pack"), 20) }),
	}
}

// TestWhatIsLostCanBeHadAgain removes files below an open store: what it had can
// be deleted and then pulled, by itself or in a batch, without opening it anew.
func TestWhatIsLostCanBeHadAgain(t *testing.T) {
	large, small := blobtest.Bytes(2*seg+5, 1), blobtest.Smalls(3, 2)
	pulled := func(t *testing.T, s blob.Store, data []byte) {
		p, err := s.Partial(t.Context(), blobtest.Root(data), uint64(len(data)))
		require.NoError(t, err)
		if len(data) > 0 {
			blobtest.Put(t, p, data, bao.All(uint64(len(data))))
		}
		_, err = p.Commit(t.Context())
		require.NoError(t, err)
		require.NoError(t, p.Close())
	}
	for loss, lose := range losses(t) {
		for how, have := range map[string]func(*testing.T, blob.Store){
			"alone": func(t *testing.T, s blob.Store) {
				for _, data := range small {
					pulled(t, s, data)
				}
			},
			"in a batch": func(t *testing.T, s blob.Store) { blobtest.AddBatch(t, s, small) },
		} {
			t.Run(loss+", "+how, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "store")
				s := open(t, dir)
				blobtest.Add(t, s, large)
				blobtest.AddBatch(t, s, small)
				lose(dir)
				ids := []pdx.ContentID{blobtest.Root(large)}
				for _, data := range small {
					ids = append(ids, blobtest.Root(data))
				}
				for _, id := range ids {
					if err := s.Delete(t.Context(), id); err != nil {
						require.ErrorIs(t, err, pdx.ErrNotFound)
					}
				}
				pulled(t, s, large)
				have(t, s)
				blobtest.RequireWhole(t, s, large)
				for _, data := range small {
					blobtest.RequireWhole(t, s, data)
				}
				require.NoError(t, s.Close())
				again := open(t, dir)
				for _, data := range append(small, large) {
					blobtest.RequireWhole(t, again, data)
				}
			})
		}
	}
}
