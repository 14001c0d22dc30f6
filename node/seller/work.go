package seller

import "io"

// workSteps is how often at most the progress of a step is shown.
const workSteps = 200

// work shows how far a sale's step under way is.
func (b *board) work(id string, done, of uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale, ok := b.sales[id]
	if step := max(of/workSteps, 1); !ok || done < of && sale.Work == of && done/step == sale.Done/step {
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
	b.work(id, 0, size)
	return &watchedReader{board: b, sale: id, size: size, r: r}
}

type watchedReader struct {
	board      *board
	sale       string
	done, size uint64
	r          io.Reader
}

// Read implements io.Reader.
func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.done += uint64(n)
	w.board.work(w.sale, min(w.done, w.size), w.size)
	return n, err
}
