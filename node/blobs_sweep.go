package node

import (
	"context"
	"errors"
	"slices"

	"github.com/medibloc/pdx"
)

// Sweep removes what crashes left behind: blobs without a ref, and blobs that were sealed
// here for this role unless keep wants them. Documents stay, because their refs are added
// before they are pulled. Sweep runs while the seller runs, and a blob that the seller has
// just committed has no ref yet, so keep must accept every blob that was not there at the
// start.
func (b blobs) Sweep(ctx context.Context, keep func(pdx.ContentID) bool) (failed error) {
	if b.damage.needsAny() {
		return errDamageNeeds
	}
	lost, err := b.damage.refsLost(ctx)
	if err != nil {
		return err
	}
	var unused []pdx.ContentID
	for info, err := range b.store.List(ctx) {
		if info.ID == (pdx.ContentID{}) && err != nil {
			return err // the list itself
		}
		if keep(info.ID) {
			continue
		}
		c, err := b.refs.Get(ctx, info.ID.String())
		switch {
		case errors.Is(err, pdx.ErrNotFound) && lost:
		case c.unused(err):
			unused = append(unused, info.ID)
		case err != nil:
			failed = errors.Join(failed, err)
		case c.Sealed && slices.Contains(c.Roles, b.role):
			failed = errors.Join(failed, b.Delete(ctx, info.ID))
		}
	}
	return errors.Join(failed, b.removeUnused(ctx, unused))
}

// unused reports whether no role needs the blob of a ref that was read with err: the ref
// is missing, or a crash came between the removal of its last role and of the blob.
func (r ref) unused(err error) bool {
	return errors.Is(err, pdx.ErrNotFound) || err == nil && len(r.Roles) == 0
}

// removeUnused removes those blobs that are still unused, under their locks.
func (b blobs) removeUnused(ctx context.Context, ids []pdx.ContentID) error {
	release, err := b.lock(ctx, ids...)
	if err != nil {
		return err
	}
	defer release()
	var free, rows []pdx.ContentID
	for _, id := range ids {
		c, err := b.refs.Get(ctx, id.String())
		if !c.unused(err) {
			continue
		}
		if free = append(free, id); err == nil {
			rows = append(rows, id)
		}
	}
	failed := b.store.DeleteMany(ctx, free)
	for _, id := range rows {
		if failed == nil {
			failed = b.refs.Delete(ctx, id.String())
		}
	}
	return failed
}
