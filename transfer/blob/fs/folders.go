package fs

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// makeFolders makes the directories of a store in dir, those that are not there.
func makeFolders(d disk, dir string) error {
	for _, sub := range []string{tmpDir, partialDir, wholeDir, treesDir, packsDir} {
		if err := d.MkdirAll(filepath.Join(dir, sub)); err != nil {
			return err
		}
	}
	return nil
}

// restored reports whether err says that a directory is not there, and the
// directories of the store have been made again. Somebody who removes them while
// the store is open loses what was in them; what is pulled or made afterwards
// needs them.
func (s *Store) restored(err error) bool {
	if !errors.Is(err, fs.ErrNotExist) || makeFolders(s.disk, s.dir) != nil {
		return false
	}
	return s.disk.SyncDir(filepath.Dir(s.dir)) == nil && s.disk.SyncDir(s.dir) == nil
}

// temp is a new directory in tmp.
func (s *Store) temp() (string, error) {
	dir, err := s.disk.MkdirTemp(filepath.Join(s.dir, tmpDir))
	if s.restored(err) {
		dir, err = s.disk.MkdirTemp(filepath.Join(s.dir, tmpDir))
	}
	return dir, err
}

// namesIn are the names in a directory of the store; one that somebody removed has
// none.
func (s *Store) namesIn(sub string) ([]string, error) {
	names, err := s.disk.ReadDir(filepath.Join(s.dir, sub))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return names, err
}
