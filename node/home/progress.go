package home

import (
	"context"
	"io"
)

// progress counts the bytes that are read of a backup and shows the count.
type progress struct {
	done, total uint64
	show        func(done, total uint64) // may be nil
}

// over returns a reader that counts what is read of r, and fails once ctx has ended.
func (p *progress) over(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := r.Read(b)
		p.done += uint64(n)
		if p.show != nil {
			p.show(p.done, p.total)
		}
		return n, err
	})
}

type readerFunc func([]byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
