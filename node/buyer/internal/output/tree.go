package output

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	foldercontent "github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
)

// ManifestFile is one file of a dataset that is a folder.
type ManifestFile struct {
	Path    string `json:"path"`
	Records uint64 `json:"records"`
	Bytes   uint64 `json:"bytes"`
	Blake3  string `json:"blake3"` // hex
}

// tree makes a folder of decrypted files out of the stream that write writes: it is
// built beside under another name, and gets its own when all of it is on disk.
// What is no folder is ErrFormat, and what else is wrong with the stream counts
// more.
func (f Folder) tree(ctx context.Context, kind format.Folder, write func(io.Writer) error) (model.Opened, []ManifestFile, error) {
	opened := model.Opened{Path: filepath.Join(f.path, "records")}
	build, err := os.MkdirTemp(f.path, partPattern) // mode 0700
	if err != nil {
		return opened, nil, folderError(err)
	}
	defer os.RemoveAll(build) // gone already when all went well; else swept next time
	root, err := os.OpenRoot(build)
	if err != nil {
		return opened, nil, folderError(err)
	}
	defer root.Close()

	files, err := durable.OpenTree(build)
	if err != nil {
		return opened, nil, folderError(err)
	}
	defer files.Close()
	plain, sink := io.Pipe()
	builder := &treeBuilder{root: root, format: kind, engine: f.engine, durable: files}
	built := make(chan error, 1)
	go func() {
		err := builder.build(ctx, plain)
		if errors.Is(err, foldercontent.ErrFormat) { // whether it is what was committed to is to be known still
			_, _ = io.Copy(io.Discard, plain)
		}
		plain.CloseWithError(err)
		built <- err
	}()
	counter := newHashCounter(nil, nil)
	err = write(io.MultiWriter(sink, counter))
	sink.CloseWithError(err) // nil ends the stream
	if failed := <-built; err == nil {
		err = failed
	}
	if err != nil {
		return opened, nil, err
	}
	opened.Bytes, opened.Hash = counter.bytes, counter.sum()
	for _, file := range builder.files {
		opened.Records += file.Records
	}
	return opened, builder.files, f.settle(build, opened.Path, builder.files)
}

// treeBuilder writes the files of a folder below root, which no path leaves,
// whatever it says.
type treeBuilder struct {
	root    *os.Root
	format  format.Folder
	engine  criteria.Engine
	durable *durable.Tree
	files   []ManifestFile
	folders []string // in the order in which they came to be
	last    string
}

func (b *treeBuilder) build(ctx context.Context, r io.Reader) error {
	in, err := foldercontent.NewReader(r)
	if err != nil {
		return err
	}
	for {
		f, err := in.Next()
		if errors.Is(err, io.EOF) {
			return b.sync()
		}
		if err != nil {
			return err
		}
		if err := b.file(ctx, f.Path, in); err != nil {
			return err
		}
	}
}

func (b *treeBuilder) file(ctx context.Context, name string, r io.Reader) error {
	if err := b.enter(path.Dir(name)); err != nil {
		return folderError(err)
	}
	file, err := b.root.OpenFile(filepath.FromSlash(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return folderError(err)
	}
	defer file.Close()
	kind, _ := b.format.File(name) // what has no known format is kept all the same
	counter := newHashCounter(kind, b.engine)
	if _, err := io.Copy(io.MultiWriter(&output{file}, counter), r); err != nil {
		return err
	}
	records, err := counter.records(ctx, file)
	if err != nil {
		return err
	}
	sum := counter.sum()
	b.files = append(b.files, ManifestFile{Path: name, Records: records, Bytes: counter.bytes, Blake3: hex.EncodeToString(sum[:])})
	return folderError(b.durable.File(file))
}

// enter makes the folders of the next file.
func (b *treeBuilder) enter(folder string) error {
	if folder == b.last || folder == "." {
		return nil
	}
	b.last = folder
	b.folders = append(b.folders, folder)
	return b.root.MkdirAll(filepath.FromSlash(folder), 0o700)
}

// sync makes all files and their names durable.
func (b *treeBuilder) sync() error {
	if all, err := b.durable.Sync(); all || err != nil {
		return folderError(err)
	}
	done := map[string]bool{}
	for _, folder := range append(b.folders, ".") {
		for ; !done[folder]; folder = path.Dir(folder) {
			done[folder] = true
			if err := b.syncOne(folder); err != nil {
				return folderError(err)
			}
		}
	}
	return nil
}

func (b *treeBuilder) syncOne(folder string) error {
	f, err := b.root.Open(filepath.FromSlash(folder))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// settle gives a folder its name without ever taking it from something else. The
// same files there already are an earlier run's.
func (f Folder) settle(build, name string, files []ManifestFile) error {
	_, err := os.Lstat(name)
	switch {
	case err == nil:
		if err := sameTree(name, files); err != nil {
			return err
		}
		return folderError(durable.SyncDir(f.path)) // it may not have come to that
	case !errors.Is(err, fs.ErrNotExist):
		return folderError(err)
	}
	return folderError(durable.Rename(build, name))
}

// sameTree is nil if exactly these files lie at name.
func sameTree(name string, files []ManifestFile) error {
	foreign := fmt.Errorf("%w: move %s away; it goes on by itself", ErrForeignFile, name)
	want := make(map[string]string, len(files))
	for _, file := range files {
		want[file.Path] = file.Blake3
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return foreign
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sum, known := want[path]
		delete(want, path)
		if !known || !entry.Type().IsRegular() || hashIn(root, path) != sum {
			return foreign
		}
		return nil
	})
	if err == nil && len(want) > 0 {
		return foreign
	}
	if err != nil && !errors.Is(err, ErrForeignFile) {
		return folderError(err)
	}
	return err
}

// hashIn is the hash of a file, "" if it cannot be read.
func hashIn(root *os.Root, path string) string {
	file, err := root.Open(filepath.FromSlash(path))
	if err != nil {
		return ""
	}
	defer file.Close()
	hash := blake3.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))
}
