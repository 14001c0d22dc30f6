package fs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// batch is a blob.Batch: a pack that is being written.
type batch struct {
	store *Store
	dir   string
	file  file
	out   *bufio.Writer
	seen  map[pdx.ContentID]struct{}
	index index
	done  bool // takes no more

	committed, aborted bool
}

// batchBuffer is how much of a batch is written at a time.
const batchBuffer = 256 << 10

// Batch begins a pack under a temporary name.
func (s *Store) Batch(ctx context.Context) (blob.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.beginBatch()
}

func (s *Store) beginBatch() (*batch, error) {
	dir, err := s.temp()
	if err != nil {
		return nil, fail("begin batch", err)
	}
	f, err := createFile(s.disk, filepath.Join(dir, packFile))
	if err != nil {
		_ = s.disk.RemoveAll(dir)
		return nil, fail("begin batch", err)
	}
	b := &batch{store: s, dir: dir, file: f, out: bufio.NewWriterSize(f, batchBuffer), seen: make(map[pdx.ContentID]struct{})}
	b.index.end = uint64(len(packMagic))
	_, _ = b.out.WriteString(packMagic) // its errors stay with it
	return b, nil
}

func (b *batch) Put(id pdx.ContentID, data []byte) error {
	if b.done {
		return fmt.Errorf("put into batch: %w: committed or aborted", pdx.ErrWrongState)
	}
	if _, ok := b.seen[id]; ok {
		return nil
	}
	if err := blob.CheckSmall(len(data), len(b.seen), b.index.end-uint64(len(packMagic))); err != nil {
		return fmt.Errorf("put into batch: %w", err)
	}
	if _, err := b.out.Write(data); err != nil {
		b.done = true // half of it may be there
		return fail("put into batch", err)
	}
	b.seen[id] = struct{}{}
	b.index.entries = append(b.index.entries, entry{id, uint32(b.index.end), uint32(len(data))})
	b.index.end += uint64(len(data))
	return nil
}

func (b *batch) Commit(ctx context.Context) error {
	if b.done {
		return fmt.Errorf("commit batch: %w: committed or aborted", pdx.ErrWrongState)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	b.done = true // whatever happens now: what was not synced once is lost
	if len(b.seen) == 0 {
		return nil
	}
	if err := b.finish(); err != nil {
		return fail("commit batch", err)
	}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	if err := b.adopt(); err != nil {
		return fail("commit batch", err)
	}
	b.store.sweepPulls(b.seen)
	return nil
}

// adopt renames the finished pack to its final path; the store's mu is held.
func (b *batch) adopt() error {
	if err := b.store.adoptPack(b.dir, b.index); err != nil {
		return err
	}
	b.committed = true
	_ = b.file.Close()
	return nil
}

// finish writes the index and makes the file durable, and its name in its
// directory.
func (b *batch) finish() error {
	sortEntries(b.index.entries)
	if _, err := b.out.Write(b.index.encode()); err != nil {
		return err
	}
	if err := b.out.Flush(); err != nil {
		return err
	}
	if err := b.file.Sync(); err != nil {
		return err
	}
	return b.store.disk.SyncDir(b.dir)
}

func (b *batch) Abort() error {
	if b.committed || b.aborted {
		return nil
	}
	b.done, b.aborted = true, true
	_ = b.file.Close()
	return fail("abort batch", b.store.forget(b.dir, packsDir))
}

// adoptPack gives a pack, whose file is synced, its final path; s.mu is held.
func (s *Store) adoptPack(dir string, x index) error {
	number := s.packs.next
	s.packs.next++ // never used again
	target := packPath(s.dir, number)
	if err := s.move(dir, target); err != nil {
		return err
	}
	if err := s.packs.add(newPack(s.disk, target, number, x)); err != nil {
		return errors.Join(err, s.disk.Rename(target, dir)) // it is durable, but must not seem so
	}
	return nil
}

// sweepPulls removes the pulls of blobs that came in a batch meanwhile. What
// cannot be removed now goes when the store is opened; s.mu is held.
func (s *Store) sweepPulls(came map[pdx.ContentID]struct{}) {
	names, err := s.disk.ReadDir(filepath.Join(s.dir, partialDir))
	if err != nil {
		return
	}
	for _, name := range names {
		id, err := pdx.ParseContentID(name)
		if _, ok := came[id]; ok && err == nil && !s.open[id] {
			_ = s.discard(s.partialPath(id))
		}
	}
}

// Small reads a whole small blob.
func (s *Store) Small(ctx context.Context, id pdx.ContentID, p []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := s.packs.read(id, p)
	if err == nil {
		return data, nil
	}
	b, openErr := s.Open(ctx, id)
	if openErr != nil {
		return nil, openErr
	}
	defer b.Close()
	return blob.ReadSmall(b, id, p)
}

// manyMissing is from how many ids on the names of all blobs are read once,
// instead of looking for each.
const manyMissing = 64

// Missing is those of ids that are not whole here.
func (s *Store) Missing(ctx context.Context, ids []pdx.ContentID) (missing []pdx.ContentID, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	may := func(pdx.ContentID) bool { return true }
	if len(ids) >= manyMissing {
		named, err := s.wholeNames()
		if err != nil {
			return nil, fail("search for blobs", err)
		}
		may = func(id pdx.ContentID) bool { return named[id] }
	}
	seen := make(map[pdx.ContentID]struct{}, len(ids))
	for _, id := range ids {
		if _, again := seen[id]; again {
			continue
		}
		seen[id] = struct{}{}
		here, err := s.packs.has(id)
		if err != nil {
			return nil, err
		}
		if !here && (!may(id) || closed(s.openWhole(id)) != nil) {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

// wholeNames are the blobs that have a directory of their own.
func (s *Store) wholeNames() (map[pdx.ContentID]bool, error) {
	names, err := s.namesIn(wholeDir)
	named := make(map[pdx.ContentID]bool, len(names))
	for _, name := range names {
		if id, err := pdx.ParseContentID(name); err == nil {
			named[id] = true
		}
	}
	return named, err
}
