package seal

import (
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
)

// OpenAt returns the plaintext of ds, decrypted from src block by block as it is read. It
// holds one block and must be used by one goroutine at a time. It neither checks the
// commitment nor that src ends: Open does, before. Its errors are those of Open.
func (k *Key) OpenAt(src io.ReaderAt, ds pdx.Dataset) (io.ReaderAt, error) {
	if ds.Key != k.public || ds.Nonce != k.nonce {
		return nil, fmt.Errorf("open dataset: %w: it has another key", pdx.ErrInvalid)
	}
	if !ValidSize(ds.Size) {
		return nil, fmt.Errorf("%w: no ciphertext has %d bytes", ErrSize, ds.Size)
	}
	return &openedAt{key: k, src: src, dataset: ds}, nil
}

type openedAt struct {
	key     *Key
	src     io.ReaderAt
	dataset pdx.Dataset
	sealed  []byte
	block   []byte // of the plaintext
	number  uint64 // of block, if it has bytes
}

// ReadAt implements io.ReaderAt.
func (p *openedAt) ReadAt(dst []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("%w: a negative offset", pdx.ErrInvalid)
	}
	for n < len(dst) {
		at := uint64(off) + uint64(n)
		if at >= PlaintextSize(p.dataset.Size) {
			return n, io.EOF
		}
		if err := p.open(at / plainBlock); err != nil {
			return n, err
		}
		n += copy(dst[n:], p.block[at%plainBlock:])
	}
	return n, nil
}

// open decrypts a block, if it is not the one held.
func (p *openedAt) open(j uint64) error {
	if len(p.block) > 0 && p.number == j {
		return nil
	}
	size := min(p.dataset.Size-j*blockSize, blockSize)
	if uint64(cap(p.sealed)) < size {
		p.sealed = make([]byte, size)
	}
	p.sealed = p.sealed[:size]
	if n, err := p.src.ReadAt(p.sealed, int64(j*blockSize)); n < len(p.sealed) {
		if err == nil || errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: cut off", ErrSize)
		}
		return fmt.Errorf("read ciphertext: %w", err)
	}
	opened, err := p.key.openBlock(p.block[:0], p.dataset.AEAD, j, p.sealed)
	if p.block = opened; err != nil {
		return err
	}
	p.number = j
	return nil
}
