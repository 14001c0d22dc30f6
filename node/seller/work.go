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

// work shows how far a sale's step under way is.
func (b *board) work(id string, done, of uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale, ok := b.sales[id]
	if !ok {
		return
	}
	sale.Done, sale.Work = done, of
	b.sales[id] = sale
	for w := range b.watchers {
		w.note(id)
	}
}

// watched is r, of size bytes, with the sale's progress shown as it is read.
func (b *board) watched(id string, size uint64, r io.Reader) io.Reader {
	return newGauge(size, func(done, size uint64) { b.work(id, done, size) }).over(r)
}
