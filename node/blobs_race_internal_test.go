package node

import (
	"context"
	"io"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// between runs something between the end of a claim and the deletion.
type between struct {
	blob.Store
	run func()
}

func (b *between) Delete(ctx context.Context, id pdx.ContentID) error {
	if b.run != nil {
		run := b.run
		b.run = nil
		run()
	}
	return b.Store.Delete(ctx, id)
}

// TestNobodyTakesABlobWhileItIsDeleted has one role take a blob into use in the
// moment in which the last other one lets it go: it waits, and has the blob then.
func TestNobodyTakesABlobWhileItIsDeleted(t *testing.T) {
	doc := []byte("criteria of a pool")
	for name, take := range map[string]func(b blobs, id pdx.ContentID) error{
		"put": func(b blobs, _ pdx.ContentID) error {
			_, err := b.Put(t.Context(), doc)
			return err
		},
		"fetched": func(b blobs, id pdx.ContentID) error {
			if err := b.hold(t.Context(), id); err != nil {
				return err
			}
			return commitWithoutRef(t, b.store, doc)
		},
		"found": func(b blobs, id pdx.ContentID) error {
			_, whole, err := b.Held(t.Context(), id)
			if err == nil && !whole {
				_, err = b.Put(t.Context(), doc)
			}
			return err
		},
		"sealed": func(b blobs, _ pdx.ContentID) error {
			w, err := b.Create(t.Context())
			if err == nil {
				_, err = w.Write(doc)
			}
			if err == nil {
				_, _, err = w.Commit(t.Context())
			}
			if err != nil {
				_, err = b.Put(t.Context(), doc) // as it says: again
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
			require.NoError(t, err)
			defer db.Close()
			s := &between{Store: mem.New()}
			share := shares(s, store.NewTable[ref](db, "blob_claims"))
			validator, buyer := share(pdx.RoleValidator), share(pdx.RoleBuyer)
			id, err := validator.Put(t.Context(), doc)
			require.NoError(t, err)
			began, taken := make(chan struct{}), make(chan error, 1)
			s.run = func() {
				go func() { close(began); taken <- take(buyer, id) }()
				<-began
			}
			require.NoError(t, validator.Delete(t.Context(), id))
			require.NoError(t, <-taken)
			_, whole, err := buyer.Held(t.Context(), id)
			require.NoError(t, err)
			require.True(t, whole, "what was taken into use is there")
			c, err := buyer.refs.Get(t.Context(), id.String())
			require.NoError(t, err)
			require.Equal(t, []pdx.Role{pdx.RoleBuyer}, c.Roles)
		})
	}
}

// commitWithoutRef puts a blob into a store as a pull does, without a claim.
func commitWithoutRef(t *testing.T, s blob.Store, doc []byte) error {
	w, err := s.Create(t.Context())
	require.NoError(t, err)
	_, err = w.Write(doc)
	require.NoError(t, err)
	_, err = w.Commit(t.Context())
	return err
}

// TestRefsUnderLoad has roles take and let go of the same blob all the time: no
// role ever misses what it took.
func TestRefsUnderLoad(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	share := shares(mem.New(), store.NewTable[ref](db, "blob_claims"))
	doc := []byte("criteria")
	var all sync.WaitGroup
	for _, role := range []pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator} {
		all.Go(func() {
			b := share(role)
			for range 30 {
				id, err := b.Put(t.Context(), doc)
				if err != nil {
					t.Error(err)
					return
				}
				r, err := b.Open(t.Context(), id)
				if err != nil {
					t.Errorf("%s put it and has it not: %v", role, err)
					return
				}
				_, _ = io.Copy(io.Discard, r)
				_ = r.Close()
				if err := b.Delete(t.Context(), id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestSweepEndsWhatACrashLeftHalfDeleted: the claim ended, and the blob did not.
func TestSweepEndsWhatACrashLeftHalfDeleted(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	b := shares(mem.New(), store.NewTable[ref](db, "blob_claims"))(pdx.RoleSeller)
	id, err := b.Put(t.Context(), []byte("document"))
	require.NoError(t, err)
	require.NoError(t, b.change(t.Context(), func(c ref) ref { c.Roles = nil; return c }, id))
	require.NoError(t, b.Sweep(t.Context(), func(pdx.ContentID) bool { return false }))
	require.ErrorIs(t, b.Check(t.Context(), id), pdx.ErrNotFound)
	_, err = b.refs.Get(t.Context(), id.String())
	require.ErrorIs(t, err, pdx.ErrNotFound)
}
