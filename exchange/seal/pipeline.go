package seal

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/medibloc/pdx"
)

// maxSealers bounds the blocks that are sealed at once. Reading, hashing and
// writing are one core each; four sealers outrun them on any machine.
const maxSealers = 4

// sealing is a block on its way: read, sealed beside others, written in order.
type sealing struct {
	plain, sealed []byte
	done          chan error
}

// pipeline seals a stream. Blocks wait in order for the writer; there are as many
// of them as buffers.
type pipeline struct {
	free, queue chan *sealing
	failed      atomic.Bool // the writer takes no more
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

// sealStream returns how many bytes it wrote. It reads src in this goroutine and
// writes dst in one that has ended when it returns.
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

// read fills blocks and has each sealed, until src ends.
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

// write takes blocks as they come, to the end of the queue also after an error.
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
