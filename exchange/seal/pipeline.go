package seal

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/medibloc/pdx"
)

// maxWorkers bounds the number of blocks that are sealed or opened at the same time. One
// goroutine reads and hashes and one writes; four that work are faster than either on any
// machine.
const maxWorkers = 4

// A piece is a block in the pipeline. It is read, worked on while other blocks are, and
// written in order.
type piece struct {
	in, out []byte
	done    chan error
}

// A pipeline works on the blocks of a stream. Blocks wait in queue, in order, for the writer;
// free has the buffers that are not in use.
type pipeline struct {
	free, queue chan *piece
	failed      atomic.Bool // working or writing failed, so reading should end
	count       int
	inSize      int // room for the input of a block, and for its output
	outSize     int
	// next reads the input of block j into b; last says that no other comes.
	next func(j uint64, b []byte) (n int, last bool, err error)
	// work appends the output of block j to out.
	work func(out []byte, j uint64, in []byte, last bool) ([]byte, error)
}

// run returns the number of bytes written. It reads in this goroutine and writes dst in
// another, which has ended when run returns. Errors of a block come before those of what
// follows it, whichever was seen first.
func (p *pipeline) run(dst io.Writer) (size uint64, err error) {
	p.count = min(runtime.GOMAXPROCS(0), maxWorkers) + 1
	p.free, p.queue = make(chan *piece, p.count), make(chan *piece, p.count)
	for range p.count {
		p.free <- &piece{done: make(chan error, 1)}
	}
	var writeErr error
	over := make(chan struct{})
	go func() {
		defer close(over)
		size, writeErr = p.write(dst)
	}()
	readErr := p.read()
	close(p.queue)
	<-over
	for range p.count {
		b := <-p.free
		clear(b.in)
		clear(b.out[:cap(b.out)])
	}
	if writeErr != nil {
		return 0, writeErr
	}
	return size, readErr
}

// read reads blocks until the last and starts a goroutine that works on each.
func (p *pipeline) read() error {
	for j, over := uint64(0), false; !over && !p.failed.Load(); j++ {
		b := <-p.free
		if b.in == nil {
			b.in, b.out = make([]byte, p.inSize), make([]byte, 0, p.outSize)
		}
		n, last, err := p.next(j, b.in)
		if err != nil {
			p.free <- b
			return err
		}
		over = last
		p.queue <- b
		go func() {
			var err error
			b.out, err = p.work(b.out[:0], j, b.in[:n], last)
			b.done <- err
		}()
	}
	return nil
}

// write writes the blocks of the queue in order. After an error it takes the rest of
// the queue without writing.
func (p *pipeline) write(dst io.Writer) (size uint64, failed error) {
	for b := range p.queue {
		err := <-b.done
		if failed == nil && err == nil {
			_, err = dst.Write(b.out)
		}
		if failed == nil && err != nil {
			failed = err
			p.failed.Store(true)
		}
		size += uint64(len(b.out))
		p.free <- b
	}
	return size, failed
}

// sealStream returns the number of bytes written.
func (k *Key) sealStream(dst io.Writer, src io.Reader, aead pdx.AEAD) (size uint64, err error) {
	p := pipeline{
		inSize: plainBlock, outSize: blockSize,
		next: func(_ uint64, b []byte) (int, bool, error) {
			n, end, err := readUpTo(src, b)
			if err != nil {
				err = fmt.Errorf("read plaintext: %w", err)
			}
			return n, end, err
		},
		work: func(out []byte, j uint64, in []byte, last bool) ([]byte, error) {
			return k.sealBlock(out, aead, j, in, last)
		},
	}
	return p.run(named{dst, "write ciphertext"})
}

// openStream opens size bytes of ciphertext, after which src must end.
func (k *Key) openStream(dst io.Writer, src io.Reader, aead pdx.AEAD, size uint64) error {
	if !ValidSize(size) {
		return fmt.Errorf("%w: no ciphertext has %d bytes", ErrSize, size)
	}
	room := int(min(size, blockSize))
	p := pipeline{
		inSize: room, outSize: room,
		next: func(j uint64, b []byte) (n int, last bool, err error) {
			left := size - j*blockSize
			b = b[:min(left, blockSize)]
			return len(b), left <= blockSize, readCiphertext(src, b)
		},
		work: func(out []byte, j uint64, in []byte, _ bool) ([]byte, error) { return k.openBlock(out, aead, j, in) },
	}
	if _, err := p.run(named{dst, "write plaintext"}); err != nil {
		return err
	}
	return expectEnd(src)
}

// named names the errors of a writer.
type named struct {
	w    io.Writer
	what string
}

// Write implements io.Writer.
func (n named) Write(p []byte) (int, error) {
	written, err := n.w.Write(p)
	if err != nil {
		err = fmt.Errorf("%s: %w", n.what, err)
	}
	return written, err
}

// Beside returns a writer that writes to both at the same time, for hashes of large blocks
// beside something else. Errors of the first come first.
func Beside(one, other io.Writer) io.Writer { return beside{one, other} }

type beside struct{ one, other io.Writer }

// Write implements io.Writer.
func (b beside) Write(p []byte) (int, error) {
	failed := make(chan error, 1)
	go func() {
		_, err := b.one.Write(p)
		failed <- err
	}()
	_, err := b.other.Write(p)
	if first := <-failed; first != nil {
		err = first
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}
