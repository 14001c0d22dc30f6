package backup

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
)

// Writer writes the archive. Make one with NewWriter, Add the files, and Close it.
type Writer struct {
	tar  *tar.Writer
	made Header
	sum  Summary
}

// NewWriter writes the header of an archive to dst.
func NewWriter(dst io.Writer, h Header) (*Writer, error) {
	h.Version = version
	w := &Writer{tar: tar.NewWriter(dst), made: h}
	return w, w.json(headerName, h)
}

// Add copies a file of exactly size bytes into the archive. pdx.ErrUnavailable if
// the file is shorter: it changed, and the backup is to be made again.
func (w *Writer) Add(name string, size uint64, r io.Reader) error {
	if err := w.header(name, size); err != nil {
		return err
	}
	n, err := io.CopyN(w.tar, r, int64(size))
	if err == io.EOF { //nolint:errorlint // readers return it bare
		err = fmt.Errorf("%w: it became shorter while it was copied", pdx.ErrUnavailable)
	}
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	w.sum.Files++
	w.sum.Bytes += uint64(n)
	return nil
}

// List notes what is not copied.
func (w *Writer) List(l ...Listed) { w.sum.Listed = append(w.sum.Listed, l...) }

// Close writes the summary and ends the archive.
func (w *Writer) Close() (Summary, error) {
	if err := w.json(summaryName, w.sum); err != nil {
		return Summary{}, err
	}
	return w.sum, w.tar.Close()
}

func (w *Writer) header(name string, size uint64) error {
	return w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(size), Mode: 0o600, ModTime: w.made.Made})
}

func (w *Writer) json(name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := w.header(name, uint64(len(raw))); err != nil {
		return err
	}
	_, err = w.tar.Write(raw)
	return err
}
