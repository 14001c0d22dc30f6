package durable

import (
	"errors"
	"os"
)

// syncEach is how many files of a Tree are synced one by one: for fewer, a sync of the
// whole file system can cost more.
const syncEach = 8

// A Tree makes many new files below one folder durable at the cost of one sync, where the
// system can. It is opened before the first of them is written.
//
// Why that is enough: a file must be on disk before its folder gets its final name, and not
// earlier. Sync comes between the two. On Linux it is syncfs(2), which returns when the data
// and the metadata, names included, of everything that was written to the file system are
// on disk. Since Linux 5.8 it reports each write error that has happened since
// the descriptor was opened, as fsync(2) does for one file, so that nothing is lost without
// a word. Older kernels do not, and file systems in user space (FUSE) need not pass it on:
// there, and on other systems, each file and each folder is synced by itself.
type Tree struct {
	dir  *os.File
	once bool // the whole file system can be synced at once
	wait bool // some files wait for Sync
	done int  // files synced by themselves
}

// OpenTree begins a tree below an existing folder. Close ends it.
func OpenTree(dir string) (*Tree, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	return &Tree{dir: f, once: syncsAll(f)}, nil
}

// File makes a file of the tree durable, now or with Sync. All of it must have been written.
func (t *Tree) File(f *os.File) error {
	if t.once && t.done >= syncEach {
		t.wait = true
		return nil
	}
	t.done++
	return f.Sync()
}

// Sync makes all files durable. all reports whether that includes the names in all folders
// of the tree; otherwise the caller syncs the folders.
func (t *Tree) Sync() (all bool, err error) {
	if !t.wait {
		return false, nil
	}
	return true, syncAll(t.dir)
}

// Close ends the use of a tree. Closing again does nothing.
func (t *Tree) Close() error {
	if err := t.dir.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
