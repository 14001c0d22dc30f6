package fs

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/transfer/blob"
)

// disk is all that a store needs of a file system. The product has the real
// one; the tests have one whose power can be cut, which is why everything that a
// store does to its files goes through here.
//
// What the store relies on, and no more: bytes are durable after file.Sync,
// names after SyncDir of their directory, and a rename is seen whole or not at
// all. What was not synced may be there after a crash, or not, or in part, in
// any order.
type disk interface {
	MkdirAll(path string) error
	// MkdirTemp is a new directory in dir.
	MkdirTemp(dir string) (string, error)
	OpenFile(path string, flag int) (file, error)
	Rename(old, path string) error
	RemoveAll(path string) error
	// ReadDir is the names in a directory, in no order.
	ReadDir(path string) ([]string, error)
	Exists(path string) bool
	// SyncDir makes the names in a directory durable.
	SyncDir(path string) error
	// Lock keeps other processes out until unlock; blob.ErrBusy if one is in.
	Lock(path string) (unlock func() error, err error)
}

// file is an open file.
type file interface {
	io.Writer
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes the bytes durable. After an error nobody knows which of those
	// written since the last Sync are, and another Sync does not tell.
	Sync() error
	Truncate(size int64) error
	// Stat is the file's size and when it last changed.
	Stat() (size int64, changed time.Time, err error)
}

// Blobs can be somebody's health records, if only sealed: nobody else reads them.
const (
	dirMode  = 0o700
	fileMode = 0o600
)

// osDisk is the real file system.
type osDisk struct{}

func (osDisk) MkdirAll(path string) error           { return os.MkdirAll(path, dirMode) }
func (osDisk) MkdirTemp(dir string) (string, error) { return os.MkdirTemp(dir, "") }
func (osDisk) Rename(old, path string) error        { return os.Rename(old, path) }
func (osDisk) RemoveAll(path string) error          { return os.RemoveAll(path) }
func (osDisk) SyncDir(path string) error            { return durable.SyncDir(path) }

func (osDisk) OpenFile(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, fileMode)
	if err != nil {
		return nil, err // not a file that is a nil *os.File
	}
	return osFile{f}, nil
}

func (osDisk) ReadDir(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (osDisk) Exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (osDisk) Lock(path string) (func() error, error) {
	lock := flock.New(path, flock.SetPermissions(fileMode))
	locked, err := lock.TryLock()
	if err == nil && !locked {
		err = fmt.Errorf("%s: %w by another process", path, blob.ErrBusy)
	}
	return lock.Unlock, err
}

type osFile struct{ *os.File }

func (f osFile) Stat() (int64, time.Time, error) {
	stat, err := f.File.Stat()
	if err != nil {
		return 0, time.Time{}, err
	}
	return stat.Size(), stat.ModTime(), nil
}
