package mem

import (
	"context"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// buffer reads and writes at any offset; it grows as a file does.
type buffer []byte

func (b buffer) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (b *buffer) WriteAt(p []byte, off int64) (int, error) {
	if grow := int(off) + len(p) - len(*b); grow > 0 {
		*b = append(*b, make([]byte, grow)...)
	}
	return copy((*b)[off:], p), nil
}

// opened is a blob.Blob.
type opened struct{ *bytesOf }

func (o opened) ReadAt(p []byte, off int64) (int, error) { return o.data.ReadAt(p, off) }
func (o opened) Size() uint64                            { return uint64(len(o.data)) }
func (o opened) Close() error                            { return nil }

func (o opened) WriteSlice(w io.Writer, run bao.Range) error {
	return bao.WriteSlice(w, o.id, o.Size(), o.tree, o.data, run)
}

// writer is a blob.Writer.
type writer struct {
	store   *store
	builder *bao.Builder
	bytes   *bytesOf
	done    bool
}

func (w *writer) Write(p []byte) (int, error) {
	if w.done {
		return 0, fmt.Errorf("write blob: %w: committed or aborted", pdx.ErrWrongState)
	}
	if len(w.bytes.data)+len(p) > MaxSize {
		return 0, fmt.Errorf("write blob: %w: more than %d bytes in memory", blob.ErrNoSpace, MaxSize)
	}
	w.bytes.data = append(w.bytes.data, p...)
	return w.builder.Write(p)
}

func (w *writer) Commit(ctx context.Context) (blob.Info, error) {
	if w.done {
		return blob.Info{}, fmt.Errorf("commit blob: %w: committed or aborted", pdx.ErrWrongState)
	}
	if err := ctx.Err(); err != nil {
		return blob.Info{}, err
	}
	id, _, err := w.builder.Finish()
	if err != nil {
		return blob.Info{}, fmt.Errorf("commit blob: %w", err)
	}
	w.bytes.id, w.done = id, true
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.keep(w.bytes)
	return w.bytes.info(), nil
}

// keep makes b visible; the store is locked.
func (s *store) keep(b *bytesOf) {
	if s.whole[b.id] == nil {
		s.whole[b.id] = b
	}
	if p := s.partials[b.id]; p != nil && p.open == nil {
		delete(s.partials, b.id)
	}
}

func (w *writer) Abort() error {
	w.done = true
	return nil
}
