package buyer_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// published finds the criteria that were published here.
type published struct{ w *world }

func (p published) Document(_ context.Context, _ pdx.Pool, id pdx.ContentID, _ int) ([]byte, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if raw, ok := p.w.stored[id]; ok {
		return raw, nil
	}
	return nil, pdx.ErrNotFound
}

// What was bought in a pool is opened as plain files, and nothing else is.
func TestPlainFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start(func(c *buyer.Config) { c.Documents = published{w} })
		defer w.stop(s)
		pool := w.pool(s)
		order := model.PlainOrder{Pool: pool, Out: filepath.Join(w.out, "plain")}
		refuse := func(want error, says string) {
			t.Helper()
			_, err := s.OpenPool(t.Context(), order, nil)
			require.ErrorIs(t, err, want)
			require.ErrorContains(t, err, says)
			require.NoDirExists(t, order.Out)
		}
		refuse(pdx.ErrNotFound, "nothing of pool 1 was opened yet")
		w.bought(s, pool, true)
		w.prompt = false
		w.certify(2, pool, patients(4))

		order.Deals = []pdx.DealID{1, 9}
		refuse(pdx.ErrNotFound, "deal 9 of pool 1 has no files here")
		order.Deals, order.Out = nil, "plain"
		refuse(pdx.ErrInvalid, "absolute path")
		order.Out = filepath.Join(w.out, "plain")
		order.Pool = 77
		refuse(pdx.ErrNotFound, "")
		order.Pool = pool

		order.DryRun = true
		done, err := s.OpenPool(t.Context(), order, nil)
		require.NoError(t, err)
		require.Equal(t, "deal-1.ndjson", done.Files[0].Path)
		require.NoDirExists(t, order.Out)

		order.DryRun = false
		done, err = s.OpenPool(t.Context(), order, nil)
		require.NoError(t, err)
		require.Equal(t, []model.PlainDeal{{Deal: 1, Read: 3, First: 1, Kept: 3}}, done.Deals)
		require.EqualValues(t, 1, done.Waiting)
		raw, err := os.ReadFile(filepath.Join(order.Out, "deal-1.ndjson"))
		require.NoError(t, err)
		require.Equal(t, patients(3), string(raw))
		_, err = s.OpenPool(t.Context(), order, nil)
		require.ErrorIs(t, err, pdx.ErrWrongState)

		// Files that are gone are named, with what brings them back.
		require.NoError(t, os.RemoveAll(filepath.Join(w.out, "deal-1")))
		order.Out = filepath.Join(w.out, "again")
		refuse(pdx.ErrNotFound, "pdx pull 1 --deal 1")
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		defer w.stop(s)
		w.bought(s, w.pool(s), true)
		_, err := s.OpenPool(t.Context(), model.PlainOrder{Pool: 1, Out: filepath.Join(w.out, "plain")}, nil)
		require.ErrorIs(t, err, pdx.ErrUnavailable)
	})
}
