package blob

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// Complete returns a Store over b. It has each ability of b and a fall-back for
// each other one. A backend that is no Puller needs staging, which gathers the
// pieces of its pulls and is closed with it; for others staging may be nil.
func Complete(b Backend, staging Store) (Store, error) {
	if s, ok := b.(Store); ok {
		return s, nil
	}
	base, puller := b, Puller(nil)
	if p, ok := b.(Puller); ok {
		puller = p
	} else {
		if staging == nil {
			return nil, fmt.Errorf("complete blob store: %w: a store that takes blobs only whole needs a staging store", pdx.ErrInvalid)
		}
		s := &staged{Backend: b, staging: staging}
		base, puller = s, s
	}
	plain := oneByOne{base}
	return struct {
		Backend
		Puller
		TreeKeeper
		Batcher
		SmallReader
		Finder
		ManyDeleter
	}{
		base, puller, ability[TreeKeeper](b, plain), ability[Batcher](b, plain), ability[SmallReader](b, plain), ability[Finder](b, plain),
		ability[ManyDeleter](base, plain),
	}, nil
}

// ability returns b if it has an ability, else the fall-back.
func ability[A any](b Backend, fallback A) A {
	if able, ok := b.(A); ok {
		return able
	}
	return fallback
}

// oneByOne has the abilities that concern many blobs, or none of the bytes, done
// for one whole blob after the other.
type oneByOne struct{ backend Backend }

// CreateTree keeps the bytes too.
func (o oneByOne) CreateTree(ctx context.Context) (Writer, error) { return o.backend.Create(ctx) }

// Small opens the blob and reads it.
func (o oneByOne) Small(ctx context.Context, id pdx.ContentID, p []byte) ([]byte, error) {
	b, err := o.backend.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return ReadSmall(b, id, p)
}

// Missing asks for each blob.
func (o oneByOne) Missing(ctx context.Context, ids []pdx.ContentID) (missing []pdx.ContentID, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	seen := make(map[pdx.ContentID]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		info, err := o.backend.Stat(ctx, id)
		if err != nil && !errors.Is(err, pdx.ErrNotFound) {
			return nil, err
		}
		if err != nil || !info.Complete || info.TreeOnly {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

// DeleteMany deletes each blob.
func (o oneByOne) DeleteMany(ctx context.Context, ids []pdx.ContentID) (failed error) {
	for _, id := range ids {
		if err := o.backend.Delete(ctx, id); err != nil && !errors.Is(err, pdx.ErrNotFound) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// Batch begins a batch whose blobs are in memory until Commit.
func (o oneByOne) Batch(ctx context.Context) (Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &memoryBatch{backend: o.backend, known: map[pdx.ContentID]bool{}}, nil
}

// memoryBatch is a Batch for a Backend that takes one blob at a time.
type memoryBatch struct {
	backend Backend
	known   map[pdx.ContentID]bool
	blobs   []smallBlob
	bytes   uint64
	done    bool
}

type smallBlob struct {
	id   pdx.ContentID
	data []byte
}

// Put copies a blob.
func (b *memoryBatch) Put(id pdx.ContentID, data []byte) error {
	if b.done {
		return fmt.Errorf("put into batch: %w: committed or aborted", pdx.ErrWrongState)
	}
	if b.known[id] {
		return nil
	}
	if err := CheckSmall(len(data), len(b.blobs), b.bytes); err != nil {
		return fmt.Errorf("put into batch: %w", err)
	}
	b.known[id] = true
	b.blobs = append(b.blobs, smallBlob{id, append([]byte(nil), data...)})
	b.bytes += uint64(len(data))
	return nil
}

// Commit stores each blob that is not there yet.
func (b *memoryBatch) Commit(ctx context.Context) error {
	if b.done {
		return fmt.Errorf("commit batch: %w: committed or aborted", pdx.ErrWrongState)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	b.done = true
	for _, one := range b.blobs {
		if err := b.store(ctx, one); err != nil {
			return fmt.Errorf("commit batch: %w", err)
		}
	}
	return nil
}

func (b *memoryBatch) store(ctx context.Context, one smallBlob) error {
	if err := VerifySmall(one.id, one.data); err != nil {
		return err
	}
	if info, err := b.backend.Stat(ctx, one.id); err == nil && info.Complete && !info.TreeOnly {
		return nil
	}
	w, err := b.backend.Create(ctx)
	if err != nil {
		return err
	}
	_, err = w.Write(one.data)
	if err == nil {
		_, err = w.Commit(ctx)
	}
	return errors.Join(err, w.Abort())
}

// Abort forgets the blobs.
func (b *memoryBatch) Abort() error {
	b.done, b.blobs, b.known = true, nil, nil
	return nil
}
