package fs

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

const (
	tmpDir     = "tmp"
	partialDir = "partial"
	wholeDir   = "blobs"
	lockFile   = "LOCK"
)

// Blobs can be somebody's health records, if only sealed: nobody else reads them.
const (
	dirMode  = 0o700
	fileMode = 0o600
)

// Store is a blob.Store in a directory.
type Store struct {
	dir  string
	lock *flock.Flock

	mu   sync.Mutex // guards open and the renames into and out of partial and blobs
	open map[pdx.ContentID]bool
}

var _ blob.Store = (*Store)(nil)

// Open opens the store in dir, which is made if need be, and sweeps what crashes
// left behind. One process at a time can have it open: else blob.ErrBusy.
func Open(dir string) (*Store, error) {
	for _, sub := range []string{tmpDir, partialDir, wholeDir} {
		if err := os.MkdirAll(filepath.Join(dir, sub), dirMode); err != nil {
			return nil, fail("open blob store", err)
		}
	}
	lock := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(fileMode))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fail("lock blob store", err)
	}
	if !locked {
		return nil, fmt.Errorf("open blob store %s: %w by another process", dir, blob.ErrBusy)
	}
	s := &Store{dir: dir, lock: lock, open: make(map[pdx.ContentID]bool)}
	if err := s.sweep(); err != nil {
		_ = lock.Unlock()
		return nil, fail("sweep blob store", err)
	}
	return s, nil
}

// Close lets other processes open the store. Writers, Partials and Blobs must be
// done with.
func (s *Store) Close() error { return s.lock.Unlock() }

// sweep removes what was never committed, and pulls of blobs that are whole.
func (s *Store) sweep() error {
	tmp := filepath.Join(s.dir, tmpDir)
	left, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range left {
		if err := os.RemoveAll(filepath.Join(tmp, e.Name())); err != nil {
			return err
		}
	}
	pulls, err := os.ReadDir(filepath.Join(s.dir, partialDir))
	if err != nil {
		return err
	}
	for _, e := range pulls {
		if exists(filepath.Join(s.dir, wholeDir, e.Name())) {
			if err := os.RemoveAll(filepath.Join(s.dir, partialDir, e.Name())); err != nil {
				return err
			}
		}
	}
	return syncDir(s.dir)
}

func (s *Store) partialPath(id pdx.ContentID) string {
	return filepath.Join(s.dir, partialDir, id.String())
}

func (s *Store) wholePath(id pdx.ContentID) string {
	return filepath.Join(s.dir, wholeDir, id.String())
}

// temp is a new directory in tmp.
func (s *Store) temp() (string, error) { return os.MkdirTemp(filepath.Join(s.dir, tmpDir), "") }

// discard removes a blob's directory as one step: it is renamed away first, so
// that a crash leaves all of it or none.
func (s *Store) discard(dir string) error {
	tmp, err := s.temp()
	if err != nil {
		return err
	}
	if err := os.Rename(dir, filepath.Join(tmp, "gone")); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return os.RemoveAll(tmp)
}

// adopt makes the blob in dir, whose files are synced, the whole blob id. A good
// one that is there already stays; s.mu is held.
func (s *Store) adopt(dir string, id pdx.ContentID) error {
	target := s.wholePath(id)
	if exists(target) {
		if f, err := openFiles(target, id); err == nil {
			f.close()
			return s.discard(dir)
		}
		if err := s.discard(target); err != nil { // it has rotted
			return err
		}
	}
	if err := os.Rename(dir, target); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(target)); err != nil {
		return err
	}
	if part := s.partialPath(id); part != dir && !s.open[id] && exists(part) {
		return s.discard(part)
	}
	return nil
}
