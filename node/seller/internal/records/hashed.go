package records

import (
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/format"
)

// hashedSource hashes data while a format reads it. Bytes that are read in order
// are hashed as they pass, so most formats need no second pass.
type hashedSource struct {
	src    format.Source
	hash   *blake3.Hasher
	hashed int64 // bytes, from the beginning
}

func newHashedSource(src format.Source) *hashedSource {
	return &hashedSource{src: src, hash: blake3.New()}
}

func (h *hashedSource) source() format.Source { return format.Source{ReaderAt: h, Size: h.src.Size} }

// ReadAt implements io.ReaderAt.
func (h *hashedSource) ReadAt(p []byte, off int64) (int, error) {
	n, err := h.src.ReadAt(p, off)
	if fresh := off + int64(n) - h.hashed; off <= h.hashed && fresh > 0 {
		_, _ = h.hash.Write(p[int64(n)-fresh : n])
		h.hashed += fresh
	}
	return n, err
}

// sum is the hash of all of the data. It reads what has not been hashed yet.
func (h *hashedSource) sum() ([32]byte, error) {
	rest := io.NewSectionReader(h.src, h.hashed, h.src.Size-h.hashed)
	n, err := io.Copy(h.hash, rest)
	h.hashed += n
	return [32]byte(h.hash.Sum(nil)), err
}
