package plain

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
)

// build is a folder that is being written.
type build struct {
	*Job
	at      string // of the folder
	scratch string // a folder below it for what does not stay
	tree    *durable.Tree
	folders map[string]bool // below it, with slashes
	kind    format.Format
	checker criteria.DatasetChecker
	index   *index // nil: nothing is left out for its key
	columns flat.Columns
	left    *file   // what was left out; nil: nothing
	lines   []*file // NDJSON of all deals, or of each
	plain   model.Plain
	read    uint64 // bytes of deals that are done
	total   uint64
}

func newBuild(j *Job, at string) (*build, error) {
	b := &build{Job: j, at: at, scratch: filepath.Join(at, ".scratch"), folders: map[string]bool{}}
	b.plain = model.Plain{Out: j.Order.Out, Format: j.Order.Format, Merged: j.Order.Merge, Keyed: len(j.Document.Unique) > 0}
	for _, d := range j.Deals {
		b.total += d.Size
	}
	var err error
	if b.kind, err = j.Formats.Get(j.Document.MediaType); err != nil {
		return nil, err
	}
	if err := os.Mkdir(b.scratch, 0o700); err != nil {
		return nil, folderError(err)
	}
	b.tree, err = durable.OpenTree(at)
	return b, folderError(err)
}

func (b *build) close() {
	_ = b.tree.Close()
	if b.index != nil {
		b.index.close()
	}
	for _, f := range b.lines {
		_ = f.file.Close()
	}
	if b.left != nil {
		_ = b.left.file.Close()
	}
}

func (b *build) run(ctx context.Context, now time.Time) (err error) {
	if b.checker, err = b.Engine.Checker(ctx, b.Document, b.Schemas, b.Document.Pointers()); err != nil {
		return err
	}
	defer b.checker.Close()
	if b.Order.Merge && b.plain.Keyed {
		if b.index, err = newIndex(ctx, filepath.Join(b.scratch, "keys")); err != nil {
			return folderError(err)
		}
	}
	b.Report(pdx.Progress{Stage: StepReading, Total: b.total}) // from here on no chain is needed
	for _, d := range b.Deals {
		if err := b.deal(ctx, d); err != nil {
			return err
		}
		b.read += d.Size
	}
	if err := b.tables(ctx); err != nil {
		return err
	}
	if err := b.finish(b.left); err != nil {
		return err
	}
	if b.index != nil {
		b.index.close()
		b.index = nil
	}
	if err := os.RemoveAll(b.scratch); err != nil {
		return folderError(err)
	}
	if err := b.describe(now); err != nil {
		return err
	}
	return b.sync()
}

// out is the file that takes the records of a deal as NDJSON.
func (b *build) out(d Deal) (*file, error) {
	if b.Order.Merge && len(b.lines) > 0 {
		return b.lines[0], nil
	}
	name := merged
	if !b.Order.Merge {
		name = dealName(d.ID)
	}
	at := b.at
	if b.Order.Format != model.PlainNDJSON {
		at = b.scratch
	}
	f, err := create(at, name+"."+model.PlainNDJSON)
	if err == nil {
		b.lines = append(b.lines, f)
	}
	return f, err
}

// deal writes the records of a deal as NDJSON, and copies its files that have none.
func (b *build) deal(ctx context.Context, d Deal) error {
	out, err := b.out(d)
	if err != nil {
		return err
	}
	t := &taker{build: b, out: out, done: model.PlainDeal{Deal: d.ID}}
	if err := b.sources(ctx, d, t); err != nil {
		return fmt.Errorf("deal %v: %w", d.ID, err)
	}
	b.plain.Deals = append(b.plain.Deals, t.done)
	switch {
	case b.Order.Merge:
		return nil
	case b.Order.Format == model.PlainNDJSON:
		return b.finish(out)
	}
	return out.pause()
}

// finish ends a file that stays; nil is none.
func (b *build) finish(f *file) error {
	if f == nil {
		return nil
	}
	done, err := f.finish(b.tree)
	if err == nil {
		b.plain.Files = append(b.plain.Files, done)
	}
	return err
}

// tables makes tables of NDJSON, with the same columns in all of them.
func (b *build) tables(ctx context.Context) error {
	if b.Order.Format == model.PlainNDJSON {
		if b.Order.Merge {
			return b.finish(b.lines[0])
		}
		return nil
	}
	if b.columns.Over {
		return fmt.Errorf("%w: the records have more than %d different members, which is too much for a table: choose the format %s",
			pdx.ErrInvalid, flat.MaxColumns, model.PlainNDJSON)
	}
	table := flat.Table{Format: flat.Format(b.Order.Format), Columns: b.columns.List(), Spreadsheet: b.Order.Spreadsheet}
	if err := table.Check(); err != nil {
		return err
	}
	var total, before uint64
	for _, lines := range b.lines {
		if err := lines.pause(); err != nil {
			return err
		}
		total += lines.size
	}
	for _, lines := range b.lines {
		if err := b.table(ctx, lines, table, func(read int64) {
			b.Report(pdx.Progress{Stage: StepWriting, Done: before + uint64(read), Total: total})
		}); err != nil {
			return err
		}
		before += lines.size
	}
	return nil
}

func (b *build) table(ctx context.Context, lines *file, table flat.Table, report func(read int64)) error {
	name := lines.name[:len(lines.name)-len(path.Ext(lines.name))] + "." + b.Order.Format
	f, err := create(b.at, name)
	if err != nil {
		return err
	}
	defer f.file.Close()
	from, err := os.Open(filepath.Join(b.scratch, lines.name))
	if err != nil {
		return folderError(err)
	}
	defer from.Close()
	src := format.Source{ReaderAt: &watched{from, 0, report}, Size: int64(lines.size)}
	w, err := b.Engine.Tabulate(ctx, f, src, table)
	if err != nil {
		return err
	}
	if w.Records != lines.rows {
		return fmt.Errorf("%w: %s has %d records instead of %d", pdx.ErrCorrupt, name, w.Records, lines.rows)
	}
	f.rows = w.Records
	b.plain.Formulas += w.Formulas
	if err := os.Remove(filepath.Join(b.scratch, lines.name)); err != nil { // it holds the records once more
		return folderError(err)
	}
	return b.finish(f)
}

// watched reports how far a file is read, about once a MiB.
type watched struct {
	file *os.File
	told int64
	tell func(read int64)
}

// ReadAt implements io.ReaderAt.
func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.file.ReadAt(p, off)
	if to := off + int64(n); to >= w.told+1<<20 {
		w.told = to
		w.tell(to)
	}
	return n, err
}

// sync makes all names durable.
func (b *build) sync() error {
	if all, err := b.tree.Sync(); all || err != nil {
		return folderError(err)
	}
	b.folders["."] = true
	for folder := range b.folders {
		if err := durable.SyncDir(filepath.Join(b.at, filepath.FromSlash(folder))); err != nil {
			return folderError(err)
		}
	}
	return nil
}
