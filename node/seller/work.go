package seller

import "io"

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

// over is r, all or a part of what is read.
func (g *gauge) over(r io.Reader) io.Reader { return gauged{g, r} }

func (g *gauge) add(n int) {
	was, step := g.done, max(g.size/workSteps, 1)
	g.done = min(g.done+uint64(n), g.size)
	if g.done > was && (g.done == g.size || g.done/step > was/step) {
		g.show(g.done, g.size)
	}
}

type gauged struct {
	gauge *gauge
	r     io.Reader
}

// Read implements io.Reader.
func (g gauged) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.gauge.add(n)
	return n, err
}

// watch is r, of size bytes, with how far a step is shown as it is read.
type watch func(step string, size uint64, r io.Reader) io.Reader

// watching shows by show, if that is not nil.
func watching(show func(step string, done, size uint64)) watch {
	return func(step string, size uint64, r io.Reader) io.Reader {
		if show == nil {
			return r
		}
		return newGauge(size, func(done, size uint64) { show(step, done, size) }).over(r)
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
