package records

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/internal/durable"
)

// What is disclosed of a folder lies in a folder of its own, for the seller to
// read: its manifest, and below a folder of that name the files, but for those
// that are not copied because they are disclosed to the last byte.
const (
	manifestName = "manifest"
	copiesName   = "files"
)

// writeFolder projects each file of a folder into a private one at path, whole or not at
// all.
func (p Projection) writeFolder(ctx context.Context, path string, f format.Folder) (Disclosed, error) {
	d := p.Data
	root, err := openRoot(d.Path)
	if errors.Is(err, pdx.ErrNotFound) {
		err = Stale(d)
	}
	if err != nil {
		return Disclosed{}, err
	}
	defer root.Close()
	l, err := list(root)
	if err != nil || l.facts != d.Facts {
		return Disclosed{}, Stale(d)
	}
	build, err := os.MkdirTemp(filepath.Dir(path), TempPrefix) // mode 0700
	if err != nil {
		return Disclosed{}, err
	}
	defer os.RemoveAll(build)
	files, err := durable.OpenTree(build)
	if err != nil {
		return Disclosed{}, err
	}
	defer files.Close()
	all := folderProjection{
		durable: files, root: root, to: filepath.Join(build, copiesName), format: f, of: p,
		read: p.Meter(stageProjecting, d.Size), was: newSums(l.manifest), sums: map[string][32]byte{},
	}
	for _, file := range l.manifest.Files() {
		if err := all.file(ctx, file); err != nil {
			return Disclosed{}, fmt.Errorf("%q: %w", file.Path, err)
		}
	}
	if all.was.sum() != d.Hash || Changed(d) {
		return Disclosed{}, Stale(d)
	}
	m, err := folder.New(all.files)
	if err != nil {
		return Disclosed{}, err
	}
	sums := newSums(m)
	for _, file := range m.Files() { // unpacked files have other names, and another order
		sums.add(all.sums[file.Path])
	}
	return Disclosed{Path: path, Hash: sums.sum(), Records: all.records}, finishFolder(files, build, path, m)
}

// folderProjection projects file after file.
type folderProjection struct {
	durable *durable.Tree
	root    *os.Root
	to      string
	format  format.Folder
	of      Projection
	read    *Gauge // of all files
	was     sums   // of what is read
	files   []folder.File
	sums    map[string][32]byte // of what is written, by path
	records uint64
}

func (p *folderProjection) file(ctx context.Context, f folder.File) error {
	member, name, err := memberOf(p.format, f.Path)
	if err != nil {
		return err
	}
	in, err := openIn(p.root, f)
	if err != nil {
		return err
	}
	defer in.Close()
	var original *os.File
	if p.of.OneCopy {
		if original, err = openIn(p.root, f); err != nil {
			return err
		}
		defer original.Close()
	}
	to := filepath.Join(p.to, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := newCopying(filepath.Dir(to), original, f.Size)
	if err != nil {
		return err
	}
	defer out.abandon()
	out.sync = p.durable.File
	size, hash := &counted{}, blake3.New()
	records, sum, err := p.of.file(ctx, io.MultiWriter(out, size, hash), p.read.Source(in, int64(f.Size)), member)
	if err != nil {
		return err
	}
	if _, err := out.finish(to, os.Rename); err != nil { // finishFolder syncs each folder once
		return err
	}
	p.was.add(sum)
	p.records += records
	p.files = append(p.files, folder.File{Path: name, Size: size.n})
	p.sums[name] = [32]byte(hash.Sum(nil))
	return nil
}

// counted counts what is written.
type counted struct{ n uint64 }

func (c *counted) Write(p []byte) (int, error) {
	c.n += uint64(len(p))
	return len(p), nil
}

// finishFolder writes the manifest and gives a folder that was built its name,
// durably. What an earlier try left there goes.
func finishFolder(files *durable.Tree, build, path string, m *folder.Manifest) error {
	f, err := os.OpenFile(filepath.Join(build, manifestName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(m.Bytes())
	if err := errors.Join(err, files.File(f), f.Close()); err != nil {
		return err
	}
	all, err := files.Sync()
	if err == nil && !all {
		err = syncFolders(build)
	}
	if err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return durable.Rename(build, path)
}

// syncFolders makes the names in a folder and in those below it durable.
func syncFolders(root string) error {
	return filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return durable.SyncDir(path)
	})
}
