package fs

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/content"
)

const (
	dataFile = "data"
	treeFile = "tree"
)

// files are the open data and tree of a blob, and its facts.
type files struct {
	facts
	dir        string
	data, tree *os.File
}

// openFiles opens a blob's files for reading, if they have the sizes they must.
func openFiles(dir string, id pdx.ContentID) (*files, error) {
	return openWith(dir, id, os.O_RDONLY)
}

func openWith(dir string, id pdx.ContentID, flag int) (*files, error) {
	f, err := readFacts(dir, id)
	if err != nil {
		return nil, err
	}
	data, err := openSized(filepath.Join(dir, dataFile), flag, f.size)
	if err != nil {
		return nil, err
	}
	tree, err := openSized(filepath.Join(dir, treeFile), flag, content.TreeSize(f.size))
	if err != nil {
		_ = data.Close()
		return nil, err
	}
	return &files{facts: f, dir: dir, data: data, tree: tree}, nil
}

// openSized opens a file that must have that size; pdx.ErrCorrupt when it has
// not or is gone.
func openSized(path string, flag int, size uint64) (*os.File, error) {
	f, err := os.OpenFile(path, flag, fileMode)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("%s file of blob is gone: %w", filepath.Base(path), pdx.ErrCorrupt)
	}
	if err != nil {
		return nil, fail("open blob", err)
	}
	stat, err := f.Stat()
	if err == nil && uint64(stat.Size()) != size {
		err = fmt.Errorf("%s file of blob has %d bytes, not %d: %w", stat.Name(), stat.Size(), size, pdx.ErrCorrupt)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// createFiles makes the empty files of a new blob in dir.
func createFiles(dir string) (data, tree *os.File, err error) {
	if data, err = createFile(filepath.Join(dir, dataFile)); err != nil {
		return nil, nil, err
	}
	if tree, err = createFile(filepath.Join(dir, treeFile)); err != nil {
		_ = data.Close()
		return nil, nil, err
	}
	return data, tree, nil
}

func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
}

// sync makes data and tree durable, in this order.
func (f *files) sync() error {
	if err := f.data.Sync(); err != nil {
		return err
	}
	return f.tree.Sync()
}

func (f *files) close() {
	_ = f.data.Close()
	_ = f.tree.Close()
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
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

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
