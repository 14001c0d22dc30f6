package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// staged is a Backend that takes blobs only whole, with the ability to take pieces:
// they are gathered in another store, whose whole blobs are then copied.
type staged struct {
	Backend
	staging Store
}

// Partial begins or resumes a pull.
func (s *staged) Partial(ctx context.Context, id pdx.ContentID, size uint64) (Partial, error) {
	if err := CheckPartial(id, size); err != nil {
		return nil, err
	}
	info, err := s.Backend.Stat(ctx, id)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return nil, err
	}
	whole := err == nil && !info.TreeOnly
	if whole && info.Size != size {
		return nil, fmt.Errorf("partial blob %v: %w: its size is %d, not %d", id, pdx.ErrInvalid, info.Size, size)
	}
	p, err := s.staging.Partial(ctx, id, size) // also for a whole blob: one pull at a time
	if err != nil {
		return nil, err
	}
	return &stagedPartial{Partial: p, store: s, id: id, size: size, whole: whole}, nil
}

// Stat returns what is held of a blob here, or else of its pull.
func (s *staged) Stat(ctx context.Context, id pdx.ContentID) (Info, error) {
	info, err := s.Backend.Stat(ctx, id)
	if !errors.Is(err, pdx.ErrNotFound) {
		return info, err
	}
	if info, err = s.staging.Stat(ctx, id); err != nil {
		return Info{}, err
	}
	info.Complete = false // a crash came before the copy
	return info, nil
}

// Delete deletes a blob and its pull.
func (s *staged) Delete(ctx context.Context, id pdx.ContentID) error {
	pull := s.staging.Delete(ctx, id)
	if pull != nil && !errors.Is(pull, pdx.ErrNotFound) {
		return pull
	}
	err := s.Backend.Delete(ctx, id)
	if pull == nil && errors.Is(err, pdx.ErrNotFound) {
		return nil
	}
	return err
}

// DeleteMany deletes pulls, and blobs as the backend can.
func (s *staged) DeleteMany(ctx context.Context, ids []pdx.ContentID) error {
	free, failed := make([]pdx.ContentID, 0, len(ids)), error(nil)
	for _, id := range ids {
		if err := s.staging.Delete(ctx, id); err != nil && !errors.Is(err, pdx.ErrNotFound) {
			failed = errors.Join(failed, err)
			continue
		}
		free = append(free, id)
	}
	return errors.Join(failed, ability[ManyDeleter](s.Backend, oneByOne{s.Backend}).DeleteMany(ctx, free))
}

// List yields blobs, then pulls of blobs that are not here.
func (s *staged) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for info, err := range s.Backend.List(ctx) {
			if !yield(info, err) {
				return
			}
		}
		for info, err := range s.staging.List(ctx) {
			if _, here := s.Backend.Stat(ctx, info.ID); err == nil && here == nil {
				continue
			}
			info.Complete = false
			if !yield(info, err) {
				return
			}
		}
	}
}

// Close closes both stores.
func (s *staged) Close() error { return errors.Join(s.Backend.Close(), s.staging.Close()) }

// stagedPartial is a Partial in the staging store.
type stagedPartial struct {
	Partial
	store *staged
	id    pdx.ContentID
	size  uint64
	whole bool // the blob was whole when the pull began: nothing is missing
}

// PutNode puts a node unless the blob is whole.
func (p *stagedPartial) PutNode(split uint64, n bao.Node) error {
	if p.whole {
		return nil
	}
	return p.Partial.PutNode(split, n)
}

// PutSegment puts a segment unless the blob is whole.
func (p *stagedPartial) PutSegment(i uint64, data []byte) error {
	if p.whole {
		return nil
	}
	return p.Partial.PutSegment(i, data)
}

// ReadSegment implements SegmentReader, if the staging store's Partial does.
func (p *stagedPartial) ReadSegment(i uint64, b []byte) (int, error) {
	if r, ok := p.Partial.(SegmentReader); ok && !p.whole {
		return r.ReadSegment(i, b)
	}
	return 0, fmt.Errorf("segment %d: %w", i, pdx.ErrNotFound)
}

// NextMissing returns nothing if the blob is whole.
func (p *stagedPartial) NextMissing(from, limit uint64) bao.Range {
	if p.whole {
		return bao.Range{}
	}
	return p.Partial.NextMissing(from, limit)
}

// Written returns the size if the blob is whole.
func (p *stagedPartial) Written() uint64 {
	if p.whole {
		return p.size
	}
	return p.Partial.Written()
}

// Commit copies what was gathered.
func (p *stagedPartial) Commit(ctx context.Context) (Info, error) {
	if p.whole {
		return p.store.Backend.Stat(ctx, p.id)
	}
	if _, err := p.Partial.Commit(ctx); err != nil {
		return Info{}, err
	}
	return p.store.copy(ctx, p.id)
}

// copy copies a whole blob from the staging store; its root proves the bytes.
func (s *staged) copy(ctx context.Context, id pdx.ContentID) (Info, error) {
	from, err := s.staging.Open(ctx, id)
	if err != nil {
		return Info{}, err
	}
	defer from.Close()
	w, err := s.Backend.Create(ctx)
	if err != nil {
		return Info{}, err
	}
	info, err := Info{}, error(nil)
	if _, err = io.Copy(w, io.NewSectionReader(from, 0, int64(from.Size()))); err == nil {
		info, err = w.Commit(ctx)
	}
	if err = errors.Join(err, w.Abort()); err == nil && info.ID != id {
		err = errors.Join(fmt.Errorf("copy blob %v: %w: the staged bytes have another root", id, pdx.ErrCorrupt), s.Backend.Delete(ctx, info.ID))
	}
	return info, err
}

// Close closes the pull; the staged bytes of a blob that is whole go.
func (p *stagedPartial) Close() error {
	if err := p.Partial.Close(); err != nil {
		return err
	}
	if _, err := p.store.Backend.Stat(context.Background(), p.id); err != nil {
		return nil //nolint:nilerr // whatever it is: what is staged stays, to be resumed
	}
	err := p.store.staging.Delete(context.Background(), p.id)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, ErrBusy) { // closed before, or pulled again
		return nil
	}
	return err
}
