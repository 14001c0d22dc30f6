package records

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/node/model"
)

// maxCachedFolders is how many manifests of folders are kept between requests: 25 MB
// each at the worst.
const maxCachedFolders = 4

// For each checkFiles files of a folder that is served, it is looked at for changes
// no more often than every checkPause; that takes 30 ms on a slow disk.
// What leaves is verified in any case.
const (
	checkFiles = 1000
	checkPause = time.Second
)

// Cache has the folders that are served, by sale: a folder is opened for each
// request, and its manifest may be large. Whoever reads the same folder reads the
// same few open files.
type Cache struct {
	mu   sync.Mutex
	kept map[string]*served
}

// served is a folder in the cache; the cache's mu guards it.
type served struct {
	disclosedFolder
	manifest *folder.Manifest
	joined   *folder.Joined // while there are readers
	readers  int
	used     time.Time
	checked  time.Time // when it was last found as it was
}

// NewCache returns an empty one.
func NewCache() *Cache { return &Cache{kept: map[string]*served{}} }

// take is a sale's folder for one more reader, until the source is closed.
func (s *Cache) take(id string, d disclosedFolder) (*served, folder.Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.kept[id]
	if f == nil || f.disclosedFolder != d {
		m, err := d.manifest()
		if err != nil {
			return nil, nil, err
		}
		f = &served{disclosedFolder: d, manifest: m}
		s.kept[id] = f
	}
	if f.readers == 0 {
		f.joined = f.manifest.Join(f.open)
	}
	f.readers++
	f.used = time.Now()
	s.clear()
	return f, sharedSource{f.joined, sync.OnceValue(func() error { return s.give(f) })}, nil
}

// clear lets the folder go that was not read for longest, if there are many.
func (s *Cache) clear() {
	for len(s.kept) > maxCachedFolders {
		oldest := ""
		for id, f := range s.kept {
			if f.readers == 0 && (oldest == "" || f.used.Before(s.kept[oldest].used)) {
				oldest = id
			}
		}
		if oldest == "" {
			return // all are read just now
		}
		delete(s.kept, oldest)
	}
}

func (s *Cache) give(f *served) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.readers--; f.readers > 0 {
		return nil
	}
	return f.joined.Close()
}

// due reports whether a folder is to be looked at before it is read: always, if it
// is small, and else so seldom that looking takes little of the time.
func (s *Cache) due(f *served) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(f.checked) >= time.Duration(len(f.manifest.Files())/checkFiles)*checkPause
}

func (s *Cache) noteChecked(f *served, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.checked = at
}

// Open opens what a sale discloses of data at path, a file or a folder, and returns its
// size. ErrSource if it is seen not to be what was disclosed.
func (s *Cache) Open(sale, path string, d model.Data) (folder.Source, uint64, error) {
	if isFolder(path) {
		return s.openFolder(sale, path, d)
	}
	return openFile(path, d)
}

func (s *Cache) openFolder(sale, path string, d model.Data) (folder.Source, uint64, error) {
	f, source, err := s.take(sale, disclosedFolder{path, d.Path})
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrInvalid) || errors.Is(err, folder.ErrFormat) {
		err = fmt.Errorf("%s: %w", path, ErrSource)
	}
	if err != nil {
		return nil, 0, err
	}
	if err := s.check(f, d); err != nil {
		source.Close()
		return nil, 0, err
	}
	return source, f.manifest.Size(), nil
}

// check is ErrSource if a folder is seen not to be what was sealed.
func (s *Cache) check(f *served, d model.Data) error {
	if !s.due(f) {
		return nil
	}
	now := time.Now()
	spared, err := f.whole(f.manifest)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, errResized):
		return fmt.Errorf("%w (%v)", ErrSource, err)
	case err != nil:
		return err
	case spared && Changed(d):
		return fmt.Errorf("%s: %w", d.Path, ErrSource)
	}
	s.noteChecked(f, now)
	return nil
}

func openFile(path string, d model.Data) (folder.Source, uint64, error) {
	f, info, err := openRegular(path)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrInvalid) {
		return nil, 0, fmt.Errorf("%s: %w", path, ErrSource)
	}
	if err != nil {
		return nil, 0, err
	}
	if d.Path == path && !info.ModTime().Equal(d.Modified) {
		f.Close()
		return nil, 0, fmt.Errorf("%s: %w", path, ErrSource)
	}
	return f, uint64(info.Size()), nil
}

type sharedSource struct {
	io.ReaderAt
	closing func() error
}

// Close gives the folder back.
func (s sharedSource) Close() error { return s.closing() }
