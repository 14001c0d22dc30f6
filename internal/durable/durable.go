// Package durable changes files so that the change survives a power cut.
//
// A name is durable only when its directory is synced: a file that was synced and
// then renamed can be gone, or have its old name, after a crash. Each function
// here returns nil only when the new name is on disk; on Windows, which cannot flush
// a directory, a power cut may undo the last changes of names.
//
// transfer/blob/fs has a file system of its own, whose power its tests cut, and
// uses SyncDir only.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// MkdirAll makes a directory of mode 0700, with its parents, and makes the names of
// those that were not there durable. The parent of a directory that was there before may
// be one that this process must not read.
func MkdirAll(path string) error {
	_, missing := os.Stat(path)
	first := path // the uppermost that is not there
	for parent := path; ; parent = filepath.Dir(parent) {
		if _, err := os.Stat(parent); err == nil || parent == filepath.Dir(parent) {
			break
		}
		first = parent
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	for made := path; len(made) >= len(first); made = filepath.Dir(made) {
		err := SyncDir(filepath.Dir(made))
		if err != nil && (missing != nil || !errors.Is(err, os.ErrPermission)) {
			return err
		}
		if made == first {
			break
		}
	}
	return nil
}

// Rename renames a file or a directory whose content is synced already, and makes
// the new name durable.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(to)); err != nil {
		return err
	}
	if filepath.Dir(from) == filepath.Dir(to) {
		return nil
	}
	return SyncDir(filepath.Dir(from))
}

// Replace writes a file of mode 0600 in place of an old one: after a crash the old
// content is there or the new, whole.
func Replace(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // after a rename there is none
	}
	return err
}
