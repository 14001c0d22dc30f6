package fs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

const (
	dataFile = "data"
	treeFile = "tree"
)

// files are the open data and tree of a blob, and its facts. One of which only
// the tree is kept has no data.
type files struct {
	facts
	dir        string
	data, tree file
	changed    changes
}

// openFiles opens a blob's files for reading, if they have the sizes they must.
func (s *Store) openFiles(dir string, id pdx.ContentID) (*files, error) {
	return s.openWith(dir, id, os.O_RDONLY)
}

func (s *Store) openWith(dir string, id pdx.ContentID, flag int) (*files, error) {
	f, err := readFacts(s.disk, dir, id)
	if err != nil {
		return nil, err
	}
	var at changes
	data, err := openSized(s.disk, filepath.Join(dir, dataFile), flag, f.size, &at.data)
	if err != nil {
		return nil, err
	}
	tree, err := openSized(s.disk, filepath.Join(dir, treeFile), flag, bao.TreeSize(f.size), &at.tree)
	if err != nil {
		_ = data.Close()
		return nil, err
	}
	return &files{facts: f, dir: dir, data: data, tree: tree, changed: at}, nil
}

// openSized opens a file that must have that size, and tells when it last changed;
// pdx.ErrCorrupt when it has another or is gone.
func openSized(d disk, path string, flag int, size uint64, changed *int64) (file, error) {
	f, err := d.OpenFile(path, flag)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s file of blob is gone: %w", filepath.Base(path), pdx.ErrCorrupt)
	}
	if err != nil {
		return nil, fail("open blob", err)
	}
	has, at, err := f.Stat()
	*changed = at.UnixNano()
	if err == nil && uint64(has) != size {
		err = fmt.Errorf("%s file of blob has %d bytes, not %d: %w", filepath.Base(path), has, size, pdx.ErrCorrupt)
	}
	if err != nil {
		_ = f.Close()
		return nil, fail("open blob", err)
	}
	return f, nil
}

// createFiles makes the empty files of a new blob in dir.
func createFiles(d disk, dir string) (data, tree file, err error) {
	if data, err = createFile(d, filepath.Join(dir, dataFile)); err != nil {
		return nil, nil, err
	}
	if tree, err = createFile(d, filepath.Join(dir, treeFile)); err != nil {
		_ = data.Close()
		return nil, nil, err
	}
	return data, tree, nil
}

func createFile(d disk, path string) (file, error) {
	return d.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// sync makes data and tree durable, in this order.
func (f *files) sync() error {
	if f.data != nil {
		if err := f.data.Sync(); err != nil {
			return err
		}
	}
	return f.tree.Sync()
}

func (f *files) close() {
	if f.data != nil {
		_ = f.data.Close()
	}
	_ = f.tree.Close()
}

// wholeInfo is what is known of a whole blob.
func (f *files) wholeInfo() blob.Info {
	info := f.info()
	info.Complete = true
	if f.data == nil {
		info.Held, info.TreeOnly = 0, true
	}
	return info
}

func writeSynced(d disk, path string, b []byte) error {
	f, err := d.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
