package logfile

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/medibloc/pdx/internal/durable"
)

// The files of a folder: the one that is written, and the full one before it.
const (
	newest = "pdx.log"
	older  = "pdx.log.1"
)

// A File is an io.Writer whose Write takes one line with its line end. It is safe for concurrent
// use by one process.
type File struct {
	folder string
	limit  int64

	mu   sync.Mutex
	to   *os.File
	size int64
	torn bool // the last line has no end
}

// Open makes the folder if it is not there, with mode 0700, and goes on with the files in it. Together
// they have at most limit bytes, or one line if that is more.
func Open(folder string, limit int64) (*File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	f := &File{folder: folder, limit: limit}
	return f, f.open()
}

func (f *File) open() error {
	to, err := os.OpenFile(filepath.Join(f.folder, newest), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := to.Stat()
	if err != nil {
		return errors.Join(err, to.Close())
	}
	f.to, f.size, f.torn = to, info.Size(), false
	if last := make([]byte, 1); f.size > 0 {
		_, err = to.ReadAt(last, f.size-1)
		f.torn = err == nil && last[0] != '\n' // the process was killed as it wrote
	}
	return nil
}

// Write appends a line. After an error the next line is tried anew, so a disk that was full is no
// reason to start again.
func (f *File) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.prepare(int64(len(line))); err != nil {
		return 0, err
	}
	if f.torn {
		n, err := f.to.WriteString("\n")
		f.size += int64(n)
		if err != nil {
			return 0, err
		}
	}
	n, err := f.to.Write(line)
	f.size += int64(n)
	f.torn = n > 0 && line[n-1] != '\n' || n == 0 && f.torn
	return n, err
}

// prepare opens a file that has space for n more bytes.
func (f *File) prepare(n int64) error {
	if f.to != nil && f.size > 0 && f.size+n > f.limit/2 {
		err := f.to.Close()
		f.to = nil
		if err = errors.Join(err, durable.Rename(filepath.Join(f.folder, newest), filepath.Join(f.folder, older))); err != nil {
			return err
		}
	}
	if f.to == nil {
		return f.open()
	}
	return nil
}

// Close closes the file. Lines that are written later open it again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.to == nil {
		return nil
	}
	err := f.to.Close()
	f.to = nil
	return err
}
