package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	foldercontent "github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
)

var (
	// ErrFolder: the order's folder cannot be written; its owner must act.
	ErrFolder = fmt.Errorf("%w: the folder cannot be written", pdx.ErrWrongState)
	// ErrForeignFile: something else lies where the records or their manifest belong.
	ErrForeignFile = fmt.Errorf("%w: another file is in the way", pdx.ErrWrongState)
)

// Files in the making have names that begin and end so. Whatever has such a name in
// a deal's folder was left by a crash.
const (
	partPrefix  = ".pdx-"
	partSuffix  = ".part"
	partPattern = partPrefix + "*" + partSuffix
)

// Folder is where one deal's files go: <out>/deal-<id>. Files are the owner's
// alone, and appear whole or not at all.
type Folder struct {
	path   string
	engine criteria.Engine
}

// Path returns where the files of a deal go in an order's folder.
func Path(out string, deal pdx.DealID) string { return filepath.Join(out, "deal-"+deal.String()) }

// New makes the folder of a deal, and removes there what a crash left in the making. The
// engine counts records where that takes parsing.
func New(out string, deal pdx.DealID, engine criteria.Engine) (Folder, error) {
	f := Folder{Path(out, deal), engine}
	if err := durable.MkdirAll(f.path); err != nil {
		return f, folderError(err)
	}
	return f, folderError(f.sweep())
}

// sweep removes what a crash left in the making. The path is the owner's, so it is
// never taken for a pattern.
func (f Folder) sweep() error {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, partPrefix) && strings.HasSuffix(name, partSuffix) {
			if err := os.RemoveAll(filepath.Join(f.path, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// DiskFull reports whether this machine has no space left.
func DiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func folderError(err error) error {
	if err == nil || DiskFull(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrFolder, err)
}

// Write writes what was decrypted as the file or the folder that it is. What
// should be a folder and is none, which is for its validators to answer for, is
// kept as the one file that it is then: it is what was committed to, and paid for.
func (f Folder) Write(ctx context.Context, kind format.Format, write func(io.Writer) error) (model.Opened, []ManifestFile, error) {
	if tree, ok := kind.(format.Folder); ok {
		opened, files, err := f.tree(ctx, tree, write)
		if !errors.Is(err, foldercontent.ErrFormat) {
			return opened, files, err
		}
	}
	opened, err := f.records(ctx, kind, write)
	return opened, nil, err
}

// records makes the file of decrypted records out of what write writes, in a format
// that is nil if it is unknown.
func (f Folder) records(ctx context.Context, kind format.Format, write func(io.Writer) error) (model.Opened, error) {
	opened := model.Opened{Path: filepath.Join(f.path, "records"+extension(kind))}
	countable, _ := kind.(format.File)
	err := f.make(opened.Path, func(file *os.File) error {
		counter := newHashCounter(countable, f.engine)
		if err := write(seal.Beside(&output{file}, counter)); err != nil {
			return err
		}
		opened.Bytes, opened.Hash = counter.bytes, counter.sum()
		var err error
		opened.Records, err = counter.records(ctx, file)
		return err
	})
	return opened, err
}

// make writes a file under a name of its own, on disk, before it gets name.
func (f Folder) make(name string, write func(*os.File) error) error {
	file, err := os.CreateTemp(f.path, partPattern)
	if err != nil {
		return folderError(err)
	}
	defer func() {
		file.Close()
		os.Remove(file.Name()) // gone already when all went well; else swept next time
	}()
	if err := write(file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return folderError(err)
	}
	if err := giveName(file.Name(), name); err != nil {
		return err
	}
	return folderError(durable.SyncDir(f.path))
}

// giveName gives a file its name without ever taking it from another. The same
// content there already is an earlier run's.
func giveName(part, name string) error {
	err := os.Link(part, name)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return sameFile(part, name)
	}
	// A file system without hard links: look, then rename.
	if _, err := os.Lstat(name); err == nil {
		return sameFile(part, name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return folderError(err)
	}
	return folderError(durable.Rename(part, name))
}

func sameFile(part, name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return folderError(err)
	}
	if info.Mode().IsRegular() {
		ours, err := hashFile(part)
		if err != nil {
			return folderError(err)
		}
		theirs, err := hashFile(name)
		if err != nil {
			return folderError(err)
		}
		if ours == theirs {
			return nil
		}
	}
	return fmt.Errorf("%w: move %s away; it goes on by itself", ErrForeignFile, name)
}

func hashFile(name string) (sum [32]byte, err error) {
	file, err := os.Open(name)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	hash := blake3.New()
	if _, err := io.Copy(hash, file); err != nil {
		return sum, err
	}
	return [32]byte(hash.Sum(nil)), nil
}

// output marks write errors as the folder's.
type output struct{ file *os.File }

func (o *output) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	return n, folderError(err)
}

// extension ends the name of a file of records. A folder that cannot be laid out is
// such a file, too.
func extension(kind format.Format) string {
	if kind == nil {
		return ".bin"
	}
	return kind.Extensions()[0]
}
