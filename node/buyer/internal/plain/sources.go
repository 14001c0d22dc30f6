package plain

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/buyer/internal/output" //nolint:depguard // of the same role
)

// sources goes through the files of a deal. Each must be as it was bought.
func (b *build) sources(ctx context.Context, d Deal, t *taker) error {
	t.ctx = ctx
	info, err := os.Lstat(d.Path)
	if err != nil {
		return fmt.Errorf("%w: %w", pdx.ErrNotFound, err)
	}
	tree, isTree := b.kind.(format.Folder)
	if !info.IsDir() { // also a folder that could not be laid out: its stream
		return b.source(ctx, t, d, d.Path, b.kind, hex.EncodeToString(d.Hash[:]), b.read)
	}
	if !isTree {
		return d.changed(d.Path)
	}
	files, err := manifestOf(d)
	if err != nil {
		return err
	}
	described, _ := tree.(format.Described)
	read := b.read
	for _, f := range files {
		at := filepath.Join(d.Path, filepath.FromSlash(f.Path))
		if described != nil && f.Path != described.Description() {
			err = b.copyFile(d, at, f)
		} else {
			var kind format.File
			if kind, err = tree.File(f.Path); err == nil {
				err = b.source(ctx, t, d, at, kind, f.Blake3, read)
			}
		}
		if err != nil {
			return err
		}
		read += f.Bytes
	}
	return nil
}

// manifestOf are the files of a folder, as the manifest beside it has them.
func manifestOf(d Deal) ([]output.ManifestFile, error) {
	name := filepath.Join(filepath.Dir(d.Path), output.ManifestName)
	m, err := output.ReadManifest(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %s cannot be read: pull the deal again (%w)", pdx.ErrWrongState, name, err)
	}
	for _, f := range m.Files {
		if m.Deal != d.ID || !filepath.IsLocal(filepath.FromSlash(f.Path)) || path.Clean(f.Path) != f.Path {
			return nil, d.changed(name)
		}
	}
	return m.Files, nil
}

// source gives the rows of one file.
func (b *build) source(ctx context.Context, t *taker, d Deal, at string, kind format.Format, hash string, before uint64) error {
	file, err := os.Open(at)
	if err != nil {
		return d.changed(at)
	}
	defer file.Close()
	sum := blake3.New()
	size, err := io.Copy(sum, contextReader{ctx, file})
	if err != nil {
		return fmt.Errorf("read %s: %w", at, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		return d.changed(at)
	}
	t.last = 0
	columns, all, err := b.checker.Rows(ctx, format.Source{ReaderAt: file, Size: size}, kind, t.row, func(bytes uint64) {
		b.Report(pdx.Progress{Stage: StepReading, Done: min(before+bytes, b.total), Total: b.total})
	})
	if err != nil {
		return err
	}
	t.base += t.last
	b.columns.Add(columns)
	b.columns.Over = b.columns.Over || !all
	return nil
}

// contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context //nolint:containedctx // io.Reader has none
	r   io.Reader
}

// Read implements io.Reader.
func (c contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}

// copyFile copies a described file as it was bought.
func (b *build) copyFile(d Deal, at string, f output.ManifestFile) (err error) {
	name := path.Join(dealName(d.ID), f.Path)
	if err := b.enter(path.Dir(name)); err != nil {
		return err
	}
	from, err := os.Open(at)
	if err != nil {
		return d.changed(at)
	}
	defer from.Close()
	to, err := create(b.at, name)
	if err != nil {
		return err
	}
	defer to.file.Close()
	sum := blake3.New()
	if _, err := io.Copy(io.MultiWriter(to, sum), from); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.Blake3 {
		return d.changed(at)
	}
	return b.finish(to)
}

// enter makes a folder below the one that is built.
func (b *build) enter(folder string) error {
	if folder == "." || b.folders[folder] {
		return nil
	}
	if err := b.enter(path.Dir(folder)); err != nil {
		return err
	}
	b.folders[folder] = true
	return folderError(os.Mkdir(filepath.Join(b.at, filepath.FromSlash(folder)), 0o700))
}

// encode writes JSON for people and programs.
func encode(v any) ([]byte, error) {
	raw, err := json.MarshalIndent(v, "", "  ")
	return append(raw, '\n'), err
}
