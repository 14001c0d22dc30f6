package mem

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// part is what a store remembers of a partial blob: durable has the segments of
// the last checkpoint.
type part struct {
	size    uint64
	bytes   *bytesOf
	durable *bao.Bitmap
	open    *partial
}

func newPart(id pdx.ContentID, size uint64) *part {
	b := &bytesOf{id: id, data: make(buffer, size), tree: make(buffer, bao.TreeSize(size))}
	return &part{size: size, bytes: b, durable: bao.NewBitmap(bao.Segments(size))}
}

func (p *part) info() blob.Info {
	return blob.Info{ID: p.bytes.id, Size: p.size, Held: p.durable.HeldBytes(p.size)}
}

// sizeProven reports whether the last segment, which proves the size, is held.
func (p *part) sizeProven() bool { return p.durable.Has(p.durable.Len() - 1) }

// Partial begins or resumes a blob that is being pulled.
func (s *store) Partial(ctx context.Context, id pdx.ContentID, size uint64) (blob.Partial, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkPartial(id, size); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.partOf(id, size)
	if err != nil {
		return nil, fmt.Errorf("partial blob %v: %w", id, err)
	}
	p.open = &partial{store: s, part: p, put: p.durable.Clone()}
	return p.open, nil
}

func checkPartial(id pdx.ContentID, size uint64) error {
	if err := blob.CheckPartial(id, size); err != nil {
		return err
	}
	if size > MaxSize {
		return fmt.Errorf("partial blob %v: %w: more than %d bytes in memory", id, blob.ErrNoSpace, MaxSize)
	}
	return nil
}

// partOf returns the part to resume; the store is locked.
func (s *store) partOf(id pdx.ContentID, size uint64) (*part, error) {
	p := s.partials[id]
	if p != nil && p.open != nil {
		return nil, blob.ErrBusy
	}
	if b := s.whole[id]; b != nil {
		if uint64(len(b.data)) != size {
			return nil, fmt.Errorf("%w: its size is %d, not %d", pdx.ErrInvalid, len(b.data), size)
		}
		p = &part{size: size, bytes: b, durable: bao.FullBitmap(bao.Segments(size))}
		s.partials[id] = p
		return p, nil
	}
	if p != nil && p.size != size && p.sizeProven() {
		return nil, fmt.Errorf("%w: its size is %d, not %d", pdx.ErrInvalid, p.size, size)
	}
	if p == nil || p.size != size {
		p = newPart(id, size)
		s.partials[id] = p
	}
	return p, nil
}

// partial is a blob.Partial. Its fields are guarded by the store's mutex.
type partial struct {
	store *store
	part  *part
	put   *bao.Bitmap
}

func (p *partial) PutNode(split uint64, n bao.Node) error {
	return p.change(func() error {
		if split == 0 || split >= bao.Segments(p.part.size) {
			return fmt.Errorf("put node %d: %w", split, pdx.ErrInvalid)
		}
		_, err := p.part.bytes.tree.WriteAt(n[:], bao.NodeOffset(split))
		return err
	})
}

func (p *partial) PutSegment(i uint64, data []byte) error {
	return p.change(func() error {
		if i >= p.put.Len() || len(data) != bao.SegmentLen(p.part.size, i) {
			return fmt.Errorf("put %d bytes as segment %d: %w", len(data), i, pdx.ErrInvalid)
		}
		_, err := p.part.bytes.data.WriteAt(data, int64(i)*bao.SegmentSize)
		p.put.Add(i)
		return err
	})
}

// ReadSegment implements blob.SegmentReader.
func (p *partial) ReadSegment(i uint64, b []byte) (int, error) {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	if p.part.open != p || i >= p.put.Len() || !p.put.Has(i) {
		return 0, fmt.Errorf("segment %d: %w", i, pdx.ErrNotFound)
	}
	return p.part.bytes.data.ReadAt(b[:bao.SegmentLen(p.part.size, i)], int64(i)*bao.SegmentSize)
}

// change runs f under the lock unless the Partial is closed. Once it is whole,
// what is put is known already and others may be reading: f is left out.
func (p *partial) change(f func() error) error {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	if p.part.open != p {
		return fmt.Errorf("put into blob: %w: closed", pdx.ErrWrongState)
	}
	if p.store.whole[p.part.bytes.id] == p.part.bytes {
		return nil
	}
	return f()
}

func (p *partial) NextMissing(from, limit uint64) bao.Range {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	return p.put.NextMissing(from, limit)
}

func (p *partial) Written() uint64 {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	return p.put.HeldBytes(p.part.size)
}

func (p *partial) Checkpoint(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.change(func() error {
		p.part.durable = p.put.Clone()
		return nil
	})
}

func (p *partial) Commit(ctx context.Context) (blob.Info, error) {
	if err := p.Checkpoint(ctx); err != nil {
		return blob.Info{}, err
	}
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	if !p.put.Complete() {
		return blob.Info{}, fmt.Errorf("commit blob: %w: %d of %d segments held", pdx.ErrWrongState, p.put.Held(), p.put.Len())
	}
	p.store.keep(p.part.bytes)
	return p.store.whole[p.part.bytes.id].info(), nil
}

func (p *partial) Close() error {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	if p.part.open != p {
		return nil
	}
	p.part.open = nil
	if p.store.whole[p.part.bytes.id] != nil {
		delete(p.store.partials, p.part.bytes.id)
	}
	return nil
}
