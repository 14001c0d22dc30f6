package plain

import (
	"bufio"
	"crypto/sha256"
	"hash"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
)

// file is a file that is being written and hashed.
type file struct {
	name string // below the folder, with slashes
	file *os.File
	hash hash.Hash
	buf  *bufio.Writer
	size uint64
	rows uint64
}

// create makes a file below the folder.
func create(folder, name string) (*file, error) {
	path := filepath.Join(folder, filepath.FromSlash(name))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, folderError(err)
	}
	w := &file{name: name, file: f, hash: sha256.New()}
	w.buf = bufio.NewWriterSize(unbuffered{w}, 256<<10)
	return w, nil
}

// Write implements io.Writer.
func (f *file) Write(p []byte) (int, error) { return f.buf.Write(p) }

// unbuffered is what lies below the buffer of a file.
type unbuffered struct{ f *file }

// Write implements io.Writer.
func (u unbuffered) Write(p []byte) (int, error) {
	n, err := u.f.file.Write(p)
	u.f.hash.Write(p[:n])
	u.f.size += uint64(n)
	return n, folderError(err)
}

// row writes a record as a line.
func (f *file) row(text []byte) error {
	f.rows++
	_, _ = f.Write(text) // the error stays
	return f.buf.WriteByte('\n')
}

// finish makes all of a file durable, now or with the tree, and says what it is.
func (f *file) finish(tree *durable.Tree) (model.PlainFile, error) {
	defer f.file.Close()
	if err := f.buf.Flush(); err != nil {
		return model.PlainFile{}, err
	}
	done := model.PlainFile{Path: f.name, Size: f.size, Records: f.rows, SHA256: [32]byte(f.hash.Sum(nil))}
	return done, folderError(tree.File(f.file))
}

// pause closes a file that is read later, and frees its buffer. Pausing again does nothing.
func (f *file) pause() error {
	if f.buf == nil {
		return nil
	}
	err := f.buf.Flush()
	f.buf = nil
	if closed := f.file.Close(); err == nil {
		err = folderError(closed)
	}
	return err
}
