package seller

import (
	"io"

	"github.com/medibloc/pdx/criteria/format"
)

// workSteps is how often at most the progress of a step is shown.
const workSteps = 200

// gauge shows how far the reading of size bytes is: at its beginning, at its end, and
// now and then.
type gauge struct {
	done, size uint64
	show       func(done, size uint64)
}

// newGauge shows by show, if that is not nil.
func newGauge(size uint64, show func(done, size uint64)) *gauge {
	if show == nil {
		show = func(uint64, uint64) {}
	}
	show(0, size)
	return &gauge{size: size, show: show}
}

// reader is r, all or a part of what is read.
func (g *gauge) reader(r io.Reader) io.Reader { return gaugedReader{g, r} }

// source is a file of size bytes, all or a part of what is read.
func (g *gauge) source(r io.ReaderAt, size int64) format.Source {
	return format.Source{ReaderAt: gaugedReaderAt{g, r}, Size: size}
}

func (g *gauge) add(n int) {
	was, step := g.done, max(g.size/workSteps, 1)
	g.done = min(g.done+uint64(n), g.size)
	if g.done > was && (g.done == g.size || g.done/step > was/step) {
		g.show(g.done, g.size)
	}
}

type gaugedReader struct {
	gauge *gauge
	r     io.Reader
}

// Read implements io.Reader.
func (g gaugedReader) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.gauge.add(n)
	return n, err
}

type gaugedReaderAt struct {
	gauge *gauge
	r     io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (g gaugedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.r.ReadAt(p, off)
	g.gauge.add(n)
	return n, err
}

// watch returns the gauge that shows how far a step is that reads size bytes.
type watch func(step string, size uint64) *gauge

// watching shows by show, if that is not nil.
func watching(show func(step string, done, size uint64)) watch {
	return func(step string, size uint64) *gauge {
		if show == nil {
			return newGauge(size, nil)
		}
		return newGauge(size, func(done, size uint64) { show(step, done, size) })
	}
}

// The steps that read all of the data.
const (
	stepProjecting = "projecting"
	stepChecking   = "checking"
	stepSealing    = "sealing"
)

// watch shows how far the step under way of a sale is.
func (b *board) watch(id string) watch {
	return watching(func(step string, done, size uint64) { b.work(id, step, done, size) })
}

func (b *board) work(id, step string, done, of uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale, ok := b.sales[id]
	if !ok {
		return
	}
	sale.Step, sale.Done, sale.Work = step, done, of
	b.sales[id] = sale
	for w := range b.watchers {
		w.note(id)
	}
}
