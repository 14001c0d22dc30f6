package fs

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// Delete forgets a blob.
func (s *Store) Delete(ctx context.Context, id pdx.ContentID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.deleteOwn(id)
	if err != nil {
		return err
	}
	packed, err := s.deletePacked(id)
	if err != nil {
		return fail("delete blob", err)
	}
	if !found && packed == 0 {
		return fmt.Errorf("delete blob %v: %w", id, pdx.ErrNotFound)
	}
	return nil
}

// DeleteMany forgets blobs.
func (s *Store) DeleteMany(ctx context.Context, ids []pdx.ContentID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	named, err := s.ids()
	if err != nil {
		return fail("delete blobs", err)
	}
	var failed error
	free := make([]pdx.ContentID, 0, len(ids))
	for _, id := range ids {
		if named[id] || s.open[id] {
			if _, err := s.deleteOwn(id); err != nil {
				failed = errors.Join(failed, err)
				continue
			}
		}
		free = append(free, id)
	}
	_, err = s.deletePacked(free...)
	return errors.Join(failed, fail("delete blobs", err))
}

// deleteOwn forgets the directories of a blob; s.mu is held.
func (s *Store) deleteOwn(id pdx.ContentID) (found bool, err error) {
	if s.open[id] {
		return false, fmt.Errorf("delete blob %v: %w", id, blob.ErrBusy)
	}
	for _, dir := range []string{s.wholePath(id), s.treePath(id), s.partialPath(id)} {
		if !s.disk.Exists(dir) {
			continue
		}
		found = true
		if err := s.discard(dir); err != nil {
			return found, fail("delete blob", err)
		}
	}
	return found, nil
}
