// Package folder is the format of a folder of files as one stream, that of
// exchange/folder. Each file has a format of its own.
package folder

import (
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/folder"
)

// MediaType names the format.
const MediaType = "application/vnd.pdx.folder"

// Format is a folder of files of other formats. Records are numbered through all
// of them, in the order of the manifest.
type Format struct{ files *format.Registry }

var _ format.Folder = Format{}

// New returns the format of folders whose files are of those formats.
func New(files *format.Registry) Format { return Format{files} }

// MediaType implements format.Format.
func (Format) MediaType() string { return MediaType }

// Extensions implements format.Format. The stream is written as one file only when
// it is no folder after all.
func (Format) Extensions() []string { return []string{".folder"} }

// File implements format.Folder: a file's format follows from its name.
func (f Format) File(path string) (format.File, error) {
	return f.files.ForFile(path)
}

// Read implements format.Format.
func (f Format) Read(src format.Source, o format.Options) format.Reader {
	return Walk(src, each{f, o})
}

// file is one file of a stream.
type file struct {
	stream  format.Source
	begin   int64 // offset of its first byte in the stream
	entry   folder.File
	reached int64 // up to where it was read
}

func newFile(stream format.Source, begin int64, entry folder.File) *file {
	return &file{stream: stream, begin: begin, entry: entry}
}

func (f *file) size() int64           { return int64(f.entry.Size) }
func (f *file) source() format.Source { return format.Source{ReaderAt: f, Size: f.size()} }

// ReadAt implements io.ReaderAt. A stream that ends within the file is
// folder.ErrFormat.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.size() {
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), f.size()-off)]
	n, err := f.stream.ReadAt(want, f.begin+off)
	f.reached = max(f.reached, off+int64(n))
	switch {
	case n == len(p):
		return n, nil
	case n == len(want):
		return n, io.EOF
	case errors.Is(err, io.EOF):
		err = fmt.Errorf("%w: it ends within %q", folder.ErrFormat, f.entry.Path)
	}
	return n, err
}

// pass goes to the end of the file, to see that the stream has all of it.
func (f *file) pass() error {
	if f.reached == f.size() {
		return nil
	}
	_, err := f.ReadAt(make([]byte, 1), f.size()-1)
	return err
}
