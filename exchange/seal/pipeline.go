package seal

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/medibloc/pdx"
)

// maxSealers bounds the number of blocks that are sealed at the same time. One
// goroutine reads and hashes and one writes; four that seal are faster than either on
// any machine.
const maxSealers = 4

// A sealing is a block in the pipeline. It is read, sealed while other blocks are
// sealed, and written in order.
type sealing struct {
	plain, sealed []byte
	done          chan error
}

// A pipeline seals a stream. Blocks wait in queue, in order, for the writer; free has
// the buffers that are not in use.
type pipeline struct {
	free, queue chan *sealing
	failed      atomic.Bool // sealing or writing failed, so reading should end
	count       int
}

func newPipeline() *pipeline {
	count := min(runtime.GOMAXPROCS(0), maxSealers) + 1
	p := &pipeline{free: make(chan *sealing, count), queue: make(chan *sealing, count), count: count}
	for range count {
		p.free <- &sealing{done: make(chan error, 1)}
	}
	return p
}

// sealStream returns the number of bytes written. It reads src in this goroutine and
// writes dst in another, which has ended when sealStream returns.
func (k *Key) sealStream(dst io.Writer, src io.Reader, aead pdx.AEAD) (size uint64, err error) {
	p := newPipeline()
	var writeErr error
	over := make(chan struct{})
	go func() {
		defer close(over)
		size, writeErr = p.write(dst)
	}()
	readErr := p.read(k, src, aead)
	close(p.queue)
	<-over
	for range p.count {
		clear((<-p.free).plain)
	}
	if writeErr != nil {
		return 0, writeErr
	}
	return size, readErr
}

// read reads blocks until src ends and starts a goroutine that seals each.
func (p *pipeline) read(k *Key, src io.Reader, aead pdx.AEAD) error {
	for j, last := uint64(0), false; !last && !p.failed.Load(); j++ {
		b := <-p.free
		if b.plain == nil {
			b.plain, b.sealed = make([]byte, plainBlock), make([]byte, 0, blockSize)
		}
		n, end, err := readUpTo(src, b.plain)
		if err != nil {
			p.free <- b
			return fmt.Errorf("read plaintext: %w", err)
		}
		last = end
		p.queue <- b
		go func() {
			var err error
			b.sealed, err = k.sealBlock(b.sealed[:0], aead, j, b.plain[:n], end)
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
			if _, err = dst.Write(b.sealed); err != nil {
				err = fmt.Errorf("write ciphertext: %w", err)
			}
		}
		if failed == nil && err != nil {
			failed = err
			p.failed.Store(true)
		}
		size += uint64(len(b.sealed))
		p.free <- b
	}
	return size, failed
}
