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

// NewReader reads the manifest. What is none is ErrFormat; an error of r is passed
// on.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	m, err := ReadManifest(in)
	if err != nil {
		return nil, err
	}
	return &Reader{in: in, manifest: m}, nil
}

// Manifest names the files.
func (r *Reader) Manifest() *Manifest { return r.manifest }

// Next goes to the next file, passing what is left of the present one. After the
// last it is io.EOF, if the stream ends there, else ErrFormat.
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

// Read reads the present file to its end, io.EOF. A stream that ends before is
// ErrFormat.
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
