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

// A ref says which roles of this node need a blob.
type ref struct {
	Roles []pdx.Role
	// Sealed reports whether this node made the blob from its owner's data.
	Sealed bool
}

// blobs is one role's view of the node's blob store. All roles share one store; a blob
// is removed when the last role that refers to it deletes it.
//
// The ref and the bytes of a blob change together, under the blob's lock, so that one
// role cannot start to use a blob while another removes it.
type blobs struct {
	role   pdx.Role
	store  blob.Store
	refs   *store.Table[ref]
	locks  *keylock.Locks[pdx.ContentID] // the same for all roles
	damage *damage
}

// lock waits until no other role changes these blobs, and locks them.
func (b blobs) lock(ctx context.Context, ids ...pdx.ContentID) (release func(), err error) {
	return keylock.TakeAll(ctx, b.locks, ids, func(x, y pdx.ContentID) int { return bytes.Compare(x[:], y[:]) })
}

// hold adds refs to blobs before any of their bytes are stored.
func (b blobs) hold(ctx context.Context, ids ...pdx.ContentID) error {
	release, err := b.lock(ctx, ids...)
	if err != nil {
		return err
	}
	defer release()
	return b.addRefs(ctx, ids...)
}

// addRefs adds this role to the refs of blobs. The caller holds their locks.
func (b blobs) addRefs(ctx context.Context, ids ...pdx.ContentID) error {
	return b.change(ctx, func(c ref) ref { return c.with(b.role) }, ids...)
}

func (r ref) has(role pdx.Role) bool { return slices.Contains(r.Roles, role) }

// with returns the ref with one more role.
func (r ref) with(role pdx.Role) ref {
	if !slices.Contains(r.Roles, role) {
		r.Roles = append(r.Roles, role)
	}
	return r
}

// change applies a function to the refs of blobs; a missing ref counts as empty.
func (b blobs) change(ctx context.Context, how func(ref) ref, ids ...pdx.ContentID) error {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = id.String()
	}
	err := b.refs.ChangeAll(ctx, keys, how)
	if !errors.Is(err, store.ErrDamagedRow) {
		return err
	}
	if err := b.restoreRefs(ctx, keys); err != nil {
		return err
	}
	return b.refs.ChangeAll(ctx, keys, how)
}

// refsTable holds the refs by content id.
const refsTable = "blob_claims"

// restoreRef replaces a damaged ref by one of every role, so that the blob stays until
// all roles have deleted it.
func restoreRef(ctx context.Context, refs *store.Table[ref], key string) error {
	return refs.Put(ctx, key, ref{Roles: []pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator}})
}

// restoreRefs replaces the damaged refs among these.
func (b blobs) restoreRefs(ctx context.Context, keys []string) error {
	for _, key := range keys {
		_, err := b.refs.Get(ctx, key)
		if errors.Is(err, store.ErrDamagedRow) {
			err = restoreRef(ctx, b.refs, key)
		}
		if err != nil && !errors.Is(err, pdx.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Open returns a reader of a complete blob.
func (b blobs) Open(ctx context.Context, id pdx.ContentID) (io.ReadCloser, error) {
	opened, err := b.store.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return blob.Reader(opened), nil
}

// Slice returns the verified slice of one segment of a complete blob.
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

// Held returns how many bytes of a blob are in the store, and whether it is complete. It
// adds a ref, because the caller relies on the blob from now on and another role may
// have stored it. A tree without bytes counts as nothing: its source can disappear.
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
	return info.Held, info.Complete, b.addRef(ctx, id)
}

// addRef adds this role to the ref of a blob if necessary. The caller holds its lock.
func (b blobs) addRef(ctx context.Context, id pdx.ContentID) error {
	c, err := b.refs.Get(ctx, id.String())
	if err == nil && slices.Contains(c.Roles, b.role) || err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	return b.addRefs(ctx, id)
}

// Put stores a document.
func (b blobs) Put(ctx context.Context, content []byte) (pdx.ContentID, error) {
	id := pdx.ContentID(blake3.Sum256(content))
	release, err := b.lock(ctx, id)
	if err != nil {
		return id, err
	}
	defer release()
	if err := b.addRefs(ctx, id); err != nil {
		return id, err
	}
	w, err := b.store.Create(ctx)
	if err != nil {
		return id, err
	}
	defer w.Abort() //nolint:errcheck // a no-op after Commit; before it, another error is returned
	if _, err := w.Write(content); err != nil {
		return id, err
	}
	_, err = w.Commit(ctx)
	return id, err
}

// Delete removes this role from the ref of a blob, and the blob if no role is left.
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
	err = b.change(ctx, func(c ref) ref {
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
	return b.refs.Delete(ctx, id.String())
}

// Discard removes the bytes of a damaged blob, which are of no use to any role. The ref
// stays, so that each role that needs the blob fetches it again.
func (b blobs) Discard(ctx context.Context, id pdx.ContentID) error {
	release, err := b.lock(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	return b.remove(ctx, id)
}

// remove removes the bytes of a blob. The caller holds its lock.
func (b blobs) remove(ctx context.Context, id pdx.ContentID) error {
	if err := b.store.Delete(ctx, id); err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return fmt.Errorf("delete blob %s: %w", id, err)
	}
	return nil
}

// Check returns nil if a blob can be served now. It removes a blob of which the disk lost
// a part and returns pdx.ErrNotFound, so that the blob is made or fetched again. A blob
// that is sealed from a file of its owner is kept until the file is back.
func (b blobs) Check(ctx context.Context, id pdx.ContentID) error {
	release, err := b.lock(ctx, id) // so that the blob that is removed is the one that was checked
	if err != nil {
		return err
	}
	defer release()
	opened, err := b.store.Open(ctx, id)
	if errors.Is(err, pdx.ErrCorrupt) && !errors.Is(err, blob.ErrOrigin) {
		if err := b.remove(ctx, id); err != nil {
			return err
		}
		return fmt.Errorf("blob %s: %w: the disk lost a part of it: %v", id, pdx.ErrNotFound, err)
	}
	if err != nil {
		return err
	}
	return opened.Close()
}
