package node

import (
	"context"
	"errors"
	"slices"

	"github.com/medibloc/pdx"
)

// Sweep removes what crashes left: blobs that nobody claims, and those that were
// sealed here for this role and that keep does not want. Documents stay: they are
// claimed before they are pulled. It runs beside the
// seller, and a blob that the seller committed a moment ago is not claimed yet, so
// keep must name whatever was not there at the start.
func (b blobs) Sweep(ctx context.Context, keep func(pdx.ContentID) bool) (failed error) {
	if b.damage.needsAny() {
		return errDamageNeeds
	}
	lost, err := b.damage.claimsLost(ctx)
	if err != nil {
		return err
	}
	var unclaimed []pdx.ContentID
	for info, err := range b.store.List(ctx) {
		if info.ID == (pdx.ContentID{}) && err != nil {
			return err // the list itself
		}
		if keep(info.ID) {
			continue
		}
		c, err := b.claims.Get(ctx, info.ID.String())
		switch {
		case errors.Is(err, pdx.ErrNotFound) && lost:
		case c.nobodys(err):
			unclaimed = append(unclaimed, info.ID)
		case err != nil:
			failed = errors.Join(failed, err)
		case c.Sealed && slices.Contains(c.Roles, b.role):
			failed = errors.Join(failed, b.Delete(ctx, info.ID))
		}
	}
	return errors.Join(failed, b.removeUnclaimed(ctx, unclaimed))
}

// nobodys reports whether a claim that was read with err is no role's: there is
// none, or a crash came between its end and the end of the blob.
func (c claim) nobodys(err error) bool {
	return errors.Is(err, pdx.ErrNotFound) || err == nil && len(c.Roles) == 0
}

// removeUnclaimed removes those of ids that nobody claims still, under their locks.
func (b blobs) removeUnclaimed(ctx context.Context, ids []pdx.ContentID) error {
	release, err := b.lock(ctx, ids...)
	if err != nil {
		return err
	}
	defer release()
	var free, rows []pdx.ContentID
	for _, id := range ids {
		c, err := b.claims.Get(ctx, id.String())
		if !c.nobodys(err) {
			continue
		}
		if free = append(free, id); err == nil {
			rows = append(rows, id)
		}
	}
	failed := b.store.DeleteMany(ctx, free)
	for _, id := range rows {
		if failed == nil {
			failed = b.claims.Delete(ctx, id.String())
		}
	}
	return failed
}
