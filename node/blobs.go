package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/internal/keylock"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/transfer/blob"
)

// claim says which roles of this node need a blob.
type claim struct {
	Roles []pdx.Role
	// Sealed says that this node made it out of somebody's data.
	Sealed bool
}

// blobs is one role's share of the node's blob store. All roles share one
// store; a blob goes when the last role that claimed it deletes it.
//
// A claim and what the store has of the same blob change together, under the
// blob's lock: a role that takes a blob into use must not find it in the moment in
// which another one lets it go.
type blobs struct {
	role   pdx.Role
	store  blob.Store
	claims *store.Table[claim]
	locks  *keylock.Locks[pdx.ContentID] // the same for all roles
	damage *damage
}

// lock waits until nobody else changes these blobs.
func (b blobs) lock(ctx context.Context, ids ...pdx.ContentID) (release func(), err error) {
	return keylock.TakeAll(ctx, b.locks, ids, func(x, y pdx.ContentID) int { return bytes.Compare(x[:], y[:]) })
}

// hold claims blobs before anything of them is stored.
func (b blobs) hold(ctx context.Context, ids ...pdx.ContentID) error {
	release, err := b.lock(ctx, ids...)
	if err != nil {
		return err
	}
	defer release()
	return b.claim(ctx, ids...)
}

// claim is hold for who has the lock.
func (b blobs) claim(ctx context.Context, ids ...pdx.ContentID) error {
	return b.change(ctx, func(c claim) claim { return c.with(b.role) }, ids...)
}

// with is the claim of one more role.
func (c claim) with(role pdx.Role) claim {
	if !slices.Contains(c.Roles, role) {
		c.Roles = append(c.Roles, role)
	}
	return c
}

// change changes claims, which are empty where there are none.
func (b blobs) change(ctx context.Context, how func(claim) claim, ids ...pdx.ContentID) error {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = id.String()
	}
	err := b.claims.ChangeAll(ctx, keys, how)
	if !errors.Is(err, store.ErrDamagedRow) {
		return err
	}
	if err := b.mend(ctx, keys); err != nil {
		return err
	}
	return b.claims.ChangeAll(ctx, keys, how)
}

// claimsTable has the claims by content id.
const claimsTable = "blob_claims"

// mendClaim makes a blob whose claim is damaged every role's, so that it stays
// until all have deleted it.
func mendClaim(ctx context.Context, claims *store.Table[claim], key string) error {
	return claims.Put(ctx, key, claim{Roles: []pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator}})
}

// mend mends the damaged claims among these.
func (b blobs) mend(ctx context.Context, keys []string) error {
	for _, key := range keys {
		_, err := b.claims.Get(ctx, key)
		if errors.Is(err, store.ErrDamagedRow) {
			err = mendClaim(ctx, b.claims, key)
		}
		if err != nil && !errors.Is(err, pdx.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Open reads a complete blob from its beginning.
func (b blobs) Open(ctx context.Context, id pdx.ContentID) (io.ReadCloser, error) {
	opened, err := b.store.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return blob.Reader(opened), nil
}

// Slice is the slice of one segment of a complete blob, verified.
func (b blobs) Slice(ctx context.Context, id pdx.ContentID, segment uint64) ([]byte, error) {
	opened, err := b.store.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	var slice bytes.Buffer
	err = opened.WriteSlice(&slice, bao.Range{First: segment, Count: 1})
	return slice.Bytes(), err
}

// Held is how much of a blob is here. What is here is claimed, since whoever asks
// counts on it from now on: another role may have stored it. A tree alone is not
// counted, its bytes can be gone tomorrow.
func (b blobs) Held(ctx context.Context, id pdx.ContentID) (uint64, bool, error) {
	release, err := b.lock(ctx, id)
	if err != nil {
		return 0, false, err
	}
	defer release()
	info, err := b.store.Stat(ctx, id)
	if errors.Is(err, pdx.ErrNotFound) || info.TreeOnly {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Held, info.Complete, b.claimed(ctx, id)
}

// claimed claims a blob unless this role has before; its lock is held.
func (b blobs) claimed(ctx context.Context, id pdx.ContentID) error {
	c, err := b.claims.Get(ctx, id.String())
	if err == nil && slices.Contains(c.Roles, b.role) || err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	return b.claim(ctx, id)
}

// Put stores a document.
func (b blobs) Put(ctx context.Context, content []byte) (pdx.ContentID, error) {
	id := pdx.ContentID(blake3.Sum256(content))
	release, err := b.lock(ctx, id)
	if err != nil {
		return id, err
	}
	defer release()
	if err := b.claim(ctx, id); err != nil {
		return id, err
	}
	w, err := b.store.Create(ctx)
	if err != nil {
		return id, err
	}
	defer w.Abort() //nolint:errcheck // after a commit it does nothing, before one the error is another's
	if _, err := w.Write(content); err != nil {
		return id, err
	}
	_, err = w.Commit(ctx)
	return id, err
}

// Delete gives up this role's claim and removes a blob that nobody claims.
func (b blobs) Delete(ctx context.Context, id pdx.ContentID) error {
	if b.damage.needs(id) {
		return fmt.Errorf("delete blob %s: %w", id, errDamageNeeds)
	}
	release, err := b.lock(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	free := false
	err = b.change(ctx, func(c claim) claim {
		c.Roles = slices.DeleteFunc(c.Roles, func(r pdx.Role) bool { return r == b.role })
		free = len(c.Roles) == 0
		return c
	}, id)
	if err != nil || !free {
		return err
	}
	if err := b.remove(ctx, id); err != nil {
		return err
	}
	return b.claims.Delete(ctx, id.String())
}

// Discard removes the bytes of a blob that was found damaged, whoever claims it:
// they are of no use to any role. The claims stay, so that each role that needs
// the blob brings it here again.
func (b blobs) Discard(ctx context.Context, id pdx.ContentID) error {
	release, err := b.lock(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	return b.remove(ctx, id)
}

// remove removes the bytes of a blob; its lock is held.
func (b blobs) remove(ctx context.Context, id pdx.ContentID) error {
	if err := b.store.Delete(ctx, id); err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return fmt.Errorf("delete blob %s: %w", id, err)
	}
	return nil
}

// Check is nil if a blob could be served now. What this disk lost a part of is thrown
// away and is pdx.ErrNotFound then, so that it can be made or fetched again; a blob
// that is made from a file of its owner waits for that.
func (b blobs) Check(ctx context.Context, id pdx.ContentID) error {
	release, err := b.lock(ctx, id) // what is thrown away is what was looked at
	if err != nil {
		return err
	}
	defer release()
	opened, err := b.store.Open(ctx, id)
	if errors.Is(err, pdx.ErrCorrupt) && !errors.Is(err, blob.ErrOrigin) {
		if err := b.remove(ctx, id); err != nil {
			return err
		}
		return fmt.Errorf("blob %s: %w: this disk lost a part of it: %v", id, pdx.ErrNotFound, err)
	}
	if err != nil {
		return err
	}
	return opened.Close()
}
