package folder

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Reader reads the stream of a folder file by file, as archive/tar does.
type Reader struct {
	in       *bufio.Reader
	manifest *Manifest
	next     int    // the number of the next file
	left     uint64 // bytes of the present one
}

// NewReader reads the manifest from r. It returns ErrFormat if r does not begin with a
// valid one, and errors of r.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	m, err := ReadManifest(in)
	if err != nil {
		return nil, err
	}
	return &Reader{in: in, manifest: m}, nil
}

// Manifest returns the manifest of the stream.
func (r *Reader) Manifest() *Manifest { return r.manifest }

// Next advances to the next file and skips the rest of the current one. After the last
// file it returns io.EOF, or ErrFormat if the stream does not end there.
func (r *Reader) Next() (File, error) {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return File{}, err
	}
	if r.next < len(r.manifest.files) {
		f := r.manifest.files[r.next]
		r.next, r.left = r.next+1, f.Size
		return f, nil
	}
	_, err := r.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return File{}, io.EOF
	case err != nil:
		return File{}, err
	}
	return File{}, fmt.Errorf("%w: there is more behind the last file", ErrFormat)
}

// Read reads the current file and returns io.EOF at its end. It returns ErrFormat if
// the stream ends before the file.
func (r *Reader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.in.Read(p[:min(uint64(len(p)), r.left)])
	r.left -= uint64(n)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: it ends within %q", ErrFormat, r.manifest.files[r.next-1].Path)
	}
	return n, err
}
