package fs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// partial is a blob.Partial.
type partial struct {
	store *Store
	files *files      // facts are as they lie on disk
	whole atomic.Bool // nothing more is put

	saving sync.Mutex // one Checkpoint at a time
	mu     sync.Mutex
	put    *bao.Bitmap
	broken error // of a sync that failed
	closed bool
}

// Partial begins or takes up a blob that is being pulled.
func (s *Store) Partial(ctx context.Context, id pdx.ContentID, size uint64) (blob.Partial, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := blob.CheckPartial(id, size); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[id] {
		return nil, fmt.Errorf("partial blob %v: %w", id, blob.ErrBusy)
	}
	p, err := s.partial(id, size)
	if err != nil {
		return nil, fmt.Errorf("partial blob %v: %w", id, err)
	}
	s.open[id] = true
	return p, nil
}

// partial is the whole blob, else the pull to take up, else a new one; s.mu is held.
func (s *Store) partial(id pdx.ContentID, size uint64) (*partial, error) {
	f, err := s.openWhole(id)
	whole := err == nil
	if !whole { // there is none, or it has rotted and is pulled again
		f, err = s.takeUp(id)
	}
	if err == nil && f.size != size {
		f.close()
		if f.held.Has(f.held.Len() - 1) { // the last segment proves the size
			return nil, fmt.Errorf("%w: its size is %d, not %d", pdx.ErrInvalid, f.size, size)
		}
		err = pdx.ErrCorrupt
	}
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		f, err = s.begin(id, size)
	}
	if err != nil {
		return nil, err
	}
	p := &partial{store: s, files: f, put: f.held.Clone()}
	p.whole.Store(whole)
	return p, nil
}

// takeUp opens the files of a pull. Its facts may have been renamed by somebody
// who could not sync them: they are durable from here on.
func (s *Store) takeUp(id pdx.ContentID) (*files, error) {
	f, err := s.openWith(s.partialPath(id), id, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if err := s.disk.SyncDir(f.dir); err != nil {
		f.close()
		return nil, fail("take up pull", err)
	}
	return f, nil
}

// begin makes the files of a new pull, in place of an old one; s.mu is held.
func (s *Store) begin(id pdx.ContentID, size uint64) (*files, error) {
	target := s.partialPath(id)
	if s.disk.Exists(target) {
		if err := s.discard(target); err != nil {
			return nil, fail("discard old pull", err)
		}
	}
	dir, err := s.temp()
	if err != nil {
		return nil, fail("begin pull", err)
	}
	f, err := s.beginIn(dir, target, facts{id, size, bao.NewBitmap(bao.Segments(size))})
	if err != nil {
		_ = s.forget(dir, partialDir)
		return nil, fail("begin pull", err)
	}
	return f, nil
}

func (s *Store) beginIn(dir, target string, about facts) (*files, error) {
	data, tree, err := createFiles(s.disk, dir)
	if err != nil {
		return nil, err
	}
	f := &files{facts: about, dir: target, data: data, tree: tree}
	err = errors.Join(
		data.Truncate(int64(about.size)), // sparse: takes no space yet
		tree.Truncate(int64(bao.TreeSize(about.size))),
		f.sync(),
		writeFacts(s.disk, dir, about),
	)
	if err == nil {
		err = s.move(dir, target)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (p *partial) PutNode(split uint64, n bao.Node) error {
	if split == 0 || split >= p.put.Len() {
		return fmt.Errorf("put node %d: %w", split, pdx.ErrInvalid)
	}
	if p.whole.Load() {
		return nil
	}
	_, err := p.files.tree.WriteAt(n[:], bao.NodeOffset(split))
	return p.wrote(err)
}

func (p *partial) PutSegment(i uint64, data []byte) error {
	if i >= p.put.Len() || len(data) != bao.SegmentLen(p.files.size, i) {
		return fmt.Errorf("put %d bytes as segment %d: %w", len(data), i, pdx.ErrInvalid)
	}
	if p.whole.Load() {
		return nil
	}
	if _, err := p.files.data.WriteAt(data, int64(i)*bao.SegmentSize); err != nil {
		return p.wrote(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put.Add(i)
	return p.broken
}

// ReadSegment implements blob.SegmentReader.
func (p *partial) ReadSegment(i uint64, b []byte) (int, error) {
	p.mu.Lock()
	shown := !p.closed && !p.whole.Load() && i < p.put.Len() && p.put.Has(i)
	p.mu.Unlock()
	if !shown {
		return 0, fmt.Errorf("segment %d: %w", i, pdx.ErrNotFound)
	}
	n, err := p.files.data.ReadAt(b[:bao.SegmentLen(p.files.size, i)], int64(i)*bao.SegmentSize)
	if errors.Is(err, os.ErrClosed) { // meanwhile
		return 0, fmt.Errorf("segment %d: %w", i, pdx.ErrNotFound)
	}
	if err != nil {
		return 0, fail("read blob", err)
	}
	return n, nil
}

// sync makes data and tree durable. When that fails, nobody knows what of all
// that was put since the last checkpoint is on the disk, and a later sync that
// succeeds does not tell. So this Partial makes no checkpoint again; the next
// one begins with the last one, and what came after it is written again.
func (p *partial) sync() error {
	err := fail("checkpoint blob", p.files.sync())
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.broken = fmt.Errorf("%w (close it and begin again)", err)
		p.put = p.files.held.Clone()
	}
	return err
}

// wrote names the error of a write.
func (p *partial) wrote(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("put into blob: %w: closed", pdx.ErrWrongState)
	}
	return fail("put into blob", err)
}

func (p *partial) NextMissing(from, limit uint64) bao.Range {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.put.NextMissing(from, limit)
}

func (p *partial) Written() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.put.HeldBytes(p.files.size)
}

func (p *partial) Checkpoint(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.saving.Lock()
	defer p.saving.Unlock()
	return p.save()
}

// save makes durable what is put now; p.saving is held.
func (p *partial) save() error {
	p.mu.Lock()
	held, closed, broken := p.put.Clone(), p.closed, p.broken // before the sync: what comes meanwhile may not reach the disk
	p.mu.Unlock()
	if closed {
		return fmt.Errorf("checkpoint blob: %w: closed", pdx.ErrWrongState)
	}
	if broken != nil {
		return broken
	}
	if p.whole.Load() || held.Held() == p.files.held.Held() {
		return nil
	}
	if err := p.sync(); err != nil {
		return err
	}
	next := facts{p.files.id, p.files.size, held}
	if err := writeFacts(p.store.disk, p.files.dir, next); err != nil {
		return fail("checkpoint blob", err)
	}
	p.files.held = held
	return nil
}

func (p *partial) Commit(ctx context.Context) (blob.Info, error) {
	if err := p.Checkpoint(ctx); err != nil {
		return blob.Info{}, err
	}
	p.saving.Lock()
	defer p.saving.Unlock()
	if held := p.files.held; !held.Complete() {
		return blob.Info{}, fmt.Errorf("commit blob: %w: %d of %d segments held", pdx.ErrWrongState, held.Held(), held.Len())
	}
	info := p.files.wholeInfo()
	if p.whole.Load() { // but perhaps by a Commit that failed at the very end
		if err := p.store.disk.SyncDir(filepath.Dir(p.files.dir)); err != nil {
			return blob.Info{}, fail("commit blob", err)
		}
		return info, nil
	}
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	if err := p.store.adopt(p.files.dir, p.files.id); err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	p.files.dir = p.store.wholePath(p.files.id)
	p.whole.Store(true)
	return info, nil
}

func (p *partial) Close() error {
	p.saving.Lock()
	defer p.saving.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	p.files.close()
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	delete(p.store.open, p.files.id)
	return nil
}
