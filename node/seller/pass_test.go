package seller_test

import (
	"context"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// readings counts how often data are read to be projected, and to be checked from a copy.
type readings struct {
	criteria.Engine
	projected, passes, checked atomic.Int64
}

func (r *readings) Project(
	ctx context.Context, dst io.Writer, src format.Source, f format.File, d criteria.Disclosure,
) (format.Projection, error) {
	r.projected.Add(1)
	return r.Engine.Project(ctx, dst, src, f, d)
}

func (r *readings) Checker(
	ctx context.Context, doc *criteria.Document, schemas criteria.Schemas, fields []string,
) (criteria.DatasetChecker, error) {
	c, err := r.Engine.Checker(ctx, doc, schemas, fields)
	return countedChecker{c, r}, err
}

type countedChecker struct {
	criteria.DatasetChecker
	of *readings
}

func (c countedChecker) CheckBroken(
	ctx context.Context,
	data format.Source,
	most int,
	progress func(uint64),
) (criteria.Report, []uint64, error) {
	c.of.checked.Add(1)
	return c.DatasetChecker.CheckBroken(ctx, data, most, progress)
}

func (c countedChecker) CheckProjection(
	ctx context.Context, dst io.Writer, src format.Source, d criteria.Disclosure, most int,
) (criteria.Projected, error) {
	c.of.passes.Add(1)
	return c.DatasetChecker.CheckProjection(ctx, dst, src, d, most)
}

// writers counts the blobs that were begun, and those that are neither committed nor aborted.
type writers struct {
	seller.Blobs
	begun, open atomic.Int64
}

type countedWriter struct {
	seller.BlobWriter
	of   *writers
	over atomic.Bool
}

func (w *writers) counted(b seller.BlobWriter, err error) (seller.BlobWriter, error) {
	if err != nil {
		return nil, err
	}
	w.begun.Add(1)
	w.open.Add(1)
	return &countedWriter{BlobWriter: b, of: w}, nil
}

func (w *writers) Create(ctx context.Context) (seller.BlobWriter, error) {
	return w.counted(w.Blobs.Create(ctx))
}

func (w *writers) CreateTree(ctx context.Context) (seller.BlobWriter, error) {
	return w.counted(w.Blobs.CreateTree(ctx))
}

func (c *countedWriter) end() {
	if !c.over.Swap(true) {
		c.of.open.Add(-1)
	}
}

func (c *countedWriter) Commit(ctx context.Context) (pdx.ContentID, uint64, error) {
	root, size, err := c.BlobWriter.Commit(ctx)
	if err == nil {
		c.end()
	}
	return root, size, err
}

func (c *countedWriter) Abort() error {
	c.end()
	return c.BlobWriter.Abort()
}

// inOnePassWorld runs a test with a seller that seals whatever it reads, and counts.
func inOnePassWorld(t *testing.T, oneCopyFrom uint64, test func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.oneCopyFrom = oneCopyFrom
		w.engine, w.counted, w.onePass = &readings{Engine: criteria.InProcess(criteria.Formats())}, &writers{}, true
		s := w.start(t)
		test(t, w, s, w.engine, w.counted)
		w.stop(t, w.serving.Load())
		require.Zero(t, w.counted.open.Load(), "a blob was neither committed nor aborted")
		left, err := os.ReadDir(w.folder)
		require.NoError(t, err)
		for _, entry := range left {
			require.False(t, strings.HasPrefix(entry.Name(), records.TempPrefix), entry.Name())
		}
	})
}

// From the preview to the offer, data are read once, and the copy is not read at all.
func TestOnePass(t *testing.T) {
	for _, oneCopyFrom := range []uint64{0, 1, 1 << 30} {
		inOnePassWorld(t, oneCopyFrom, func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers) {
			_, err := s.Preview(t.Context(), w.order(), nil)
			require.NoError(t, err)
			id := w.sell(t, s)
			w.until(t, func() bool { return w.sale(t, s, id).Settled })
			w.requireSoldOnce(t, s, 0)
			require.EqualValues(t, 1, r.passes.Load())
			require.Zero(t, r.projected.Load())
			require.Zero(t, r.checked.Load())
			require.EqualValues(t, recordCount, w.sale(t, s, id).Records)
		})
	}
}

// Without a preview, or after one of something else, the sale reads the data, once.
func TestSaleReadsOnce(t *testing.T) {
	inOnePassWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers) {
		other := w.order()
		other.Optional = false
		_, err := s.Preview(t.Context(), other, nil)
		require.NoError(t, err)
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		w.requireSoldOnce(t, s, 0)
		require.EqualValues(t, 2, r.passes.Load(), "the preview's, and the sale's")
		require.Zero(t, r.projected.Load())
		require.Zero(t, r.checked.Load())
		require.EqualValues(t, 2, b.begun.Load())
		require.EqualValues(t, 1, b.open.Load(), "the preview's is kept for its sale")
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Zero(t, b.open.Load(), "but not for long")
	})
}

// A preview replaces that before it, and what it made ends with the process.
func TestPreviewsAreFew(t *testing.T) {
	inOnePassWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers) {
		for range 3 {
			_, err := s.Preview(t.Context(), w.order(), nil)
			require.NoError(t, err)
			require.EqualValues(t, 1, b.open.Load())
		}
		left, err := os.ReadDir(w.folder)
		require.NoError(t, err)
		require.Len(t, left, 1)
		w.stop(t, s)
		_, err = s.Preview(t.Context(), w.order(), nil)
		require.NoError(t, err, "nothing is kept of it")
	})
}

// What changed between preview and sale is not sold; put back as it was, it is what was shown.
func TestChangedAfterPreview(t *testing.T) {
	inOnePassWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers) {
		_, err := s.Preview(t.Context(), w.order(), nil)
		require.NoError(t, err)
		good, _ := visits()
		w.write(t, good+`{"id":"more"}`+"\n")
		_, err = s.Sell(t.Context(), w.order())
		require.ErrorIs(t, err, records.ErrChanged)

		_, err = s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		w.plain += `{"id":"more"}` + "\n"
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		w.requireSoldOnce(t, s, 0)
		require.EqualValues(t, 2, r.passes.Load(), "other data are read again")
	})
	inOnePassWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers) {
		_, err := s.Preview(t.Context(), w.order(), nil)
		require.NoError(t, err)
		good, _ := visits()
		w.write(t, good)
		_, err = s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		w.requireSoldOnce(t, s, 0)
		require.EqualValues(t, 1, r.passes.Load())
	})
}

// What breaks the criteria is not offered, and leaves no ciphertext.
func TestOnePassRefusesBrokenRecords(t *testing.T) {
	inOnePassWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers) {
		w.write(t, `{"age":3}`+"\n")
		_, err := s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		preview, err := s.Preview(t.Context(), w.order(), nil)
		require.NoError(t, err)
		require.Len(t, preview.Findings, 1)
		require.Zero(t, b.open.Load(), "what would be rejected is not kept")
		failed := w.reaches(t, s, w.sell(t, s), model.SaleFailed)
		require.Len(t, failed.Findings, 1)
		require.Empty(t, w.chain.deals)
		require.Zero(t, b.open.Load())
		for info := range w.blobs.List(t.Context()) {
			require.Failf(t, "a blob was left", "%v", info)
		}
	})
}

// A full disk leaves nothing open, and the sale goes on when there is room.
func TestOnePassOnAFullDisk(t *testing.T) {
	inOnePassWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, r *readings, b *writers) {
		w.power.fill(true)
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Reason != "" })
		require.Zero(t, b.open.Load())
		w.power.fill(false)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

// A crash at any moment of the one pass leaves a sale that comes to one deal.
func TestCrashOfOnePass(t *testing.T) {
	throughCrashes(t, func(t *testing.T) *world {
		w := newWorld(t)
		w.onePass = true
		return w
	})
}
