package folder

import (
	"container/list"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"
)

// Source is a file that is open for reading.
type Source interface {
	io.ReaderAt
	io.Closer
}

// Joined is the stream of a folder, read from its files at any offset. It opens files when
// they are needed and keeps a few of them open. It may be used by many goroutines.
type Joined struct {
	manifest *Manifest
	head     []byte
	open     func(File) (Source, error)

	mu     sync.Mutex
	closed bool
	files  map[int]*opened
	idle   *list.List // of *opened that are not being read, latest first
}

// opened is an open file; refs and idle are guarded by the Joined's mu.
type opened struct {
	Source
	number int
	refs   int
	idle   *list.Element // nil while the file is being read
}

// Join returns the stream of the manifest's files. It opens a file with open when it is
// read, and several times if several readers read it. Reads return io.ErrUnexpectedEOF
// if a file is shorter than in the manifest; the rest of a longer file is not read.
func (m *Manifest) Join(open func(File) (Source, error)) *Joined {
	return &Joined{manifest: m, head: m.Bytes(), open: open, files: map[int]*opened{}, idle: list.New()}
}

// Size returns the size of the stream.
func (j *Joined) Size() uint64 { return j.manifest.Size() }

// ReadAt implements io.ReaderAt.
func (j *Joined) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("%w: offset %d", ErrLimit, off)
	}
	for n < len(p) {
		at := uint64(off) + uint64(n)
		if at >= j.Size() {
			return n, io.EOF
		}
		if at < j.manifest.head {
			n += copy(p[n:], j.head[at:])
			continue
		}
		m, err := j.readFile(p[n:], at)
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

// readFile reads from the file that has the byte at, at most to its end.
func (j *Joined) readFile(p []byte, at uint64) (int, error) {
	ends := j.manifest.ends
	i := sort.Search(len(ends), func(i int) bool { return ends[i] > at })
	file := j.manifest.files[i]
	f, err := j.take(i)
	if err != nil {
		return 0, fmt.Errorf("open %q: %w", file.Path, err)
	}
	defer j.give(f)
	p = p[:min(uint64(len(p)), ends[i]-at)]
	n, err := f.ReadAt(p, int64(at-(ends[i]-file.Size)))
	switch {
	case n == len(p):
		return n, nil
	case err == nil || errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, fmt.Errorf("read %q: %w", file.Path, err)
}

var errClosed = errors.New("the folder is closed")

// take returns an open file, which stays open until it is given back.
func (j *Joined) take(i int) (*opened, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, errClosed
	}
	f := j.files[i]
	if f == nil {
		source, err := j.open(j.manifest.files[i])
		if err != nil {
			return nil, err
		}
		f = &opened{Source: source, number: i}
		j.files[i] = f
	}
	if f.idle != nil {
		j.idle.Remove(f.idle)
		f.idle = nil
	}
	f.refs++
	return f, nil
}

// give returns a file, and closes the least recently read one if there are too many.
func (j *Joined) give(f *opened) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if f.refs--; f.refs > 0 {
		return
	}
	f.idle = j.idle.PushFront(f)
	for j.closed && j.idle.Len() > 0 || j.idle.Len() > maxOpen {
		_ = j.drop(j.idle.Back())
	}
}

// drop closes an idle file.
func (j *Joined) drop(e *list.Element) error {
	f := j.idle.Remove(e).(*opened)
	delete(j.files, f.number)
	return f.Close()
}

// Close closes all open files; those being read are closed afterwards.
func (j *Joined) Close() (err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	for j.idle.Len() > 0 {
		err = errors.Join(err, j.drop(j.idle.Back()))
	}
	return err
}
