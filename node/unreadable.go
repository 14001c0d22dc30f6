package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/transfer/blob"
)

// maxUnreadable bounds the damaged blobs that are remembered, and maxUnreadableShown those
// that health names.
const (
	maxUnreadable      = 1000
	maxUnreadableShown = 5
)

// unreadable remembers blobs that this node could not serve because their bytes are not
// what they were, and has them made or pulled again. Only who pulls a blob reads all of it,
// so the transfer server finds out first.
type unreadable struct {
	blobs    blobs // the view of any role
	log      *slog.Logger
	repaired func(ctx context.Context, id pdx.ContentID, segment uint64) // wakes the roles

	mu    sync.Mutex
	known map[pdx.ContentID]fault
}

// fault is what is wrong with a blob.
type fault struct {
	segment uint64
	text    string
	origin  bool // the file that it is made from is wrong, so nothing is deleted here
}

// servedStore is a blob store that notes what cannot be read from it.
type servedStore struct {
	blob.Store
	unreadable *unreadable
}

// Open opens a blob whose faults are noted.
func (s servedStore) Open(ctx context.Context, id pdx.ContentID) (blob.Blob, error) {
	b, err := s.Store.Open(ctx, id)
	if err != nil {
		s.unreadable.note(id, bao.Range{}, err)
		return nil, err
	}
	return servedBlob{b, id, s.unreadable}, nil
}

// Small reads a small blob.
func (s servedStore) Small(ctx context.Context, id pdx.ContentID, p []byte) ([]byte, error) {
	data, err := s.Store.Small(ctx, id, p)
	s.unreadable.note(id, bao.Range{Count: 1}, err)
	return data, err
}

type servedBlob struct {
	blob.Blob
	id         pdx.ContentID
	unreadable *unreadable
}

// WriteSlice writes the slice of a run of segments.
func (b servedBlob) WriteSlice(w io.Writer, run bao.Range) error {
	err := b.Blob.WriteSlice(w, run)
	b.unreadable.note(b.id, run, err)
	return err
}

// note takes notice of an error of the store and mends what it can in the background.
func (u *unreadable) note(id pdx.ContentID, run bao.Range, err error) {
	origin := errors.Is(err, blob.ErrOrigin)
	if err == nil || !origin && !errors.Is(err, pdx.ErrCorrupt) && !errors.Is(err, blob.ErrDisk) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, ok := u.known[id]; ok || len(u.known) >= maxUnreadable {
		return
	}
	if u.known == nil {
		u.known = map[pdx.ContentID]fault{}
	}
	u.known[id] = fault{run.First, err.Error(), origin}
	go u.mend(context.Background(), id, run, origin)
}

// mend finds the damaged segment and removes the bytes of a blob that rotted, so that the
// role that needs it makes or pulls it again.
func (u *unreadable) mend(ctx context.Context, id pdx.ContentID, run bao.Range, origin bool) {
	segment, err := u.firstBad(ctx, id, run)
	if err == nil {
		u.forget(id) // it reads well after all
		return
	}
	origin = origin || u.treeOnly(ctx, id)
	u.mu.Lock()
	u.known[id] = fault{segment, err.Error(), origin}
	u.mu.Unlock()
	u.log.ErrorContext(ctx, "a blob cannot be served", "cid", id, "segment", segment, "error", err)
	if !origin && errors.Is(err, pdx.ErrCorrupt) {
		if err := u.blobs.Discard(ctx, id); err != nil {
			u.log.ErrorContext(ctx, "a damaged blob cannot be removed", "cid", id, "error", err)
		}
	}
	u.repaired(ctx, id, segment)
}

// firstBad reads segments of a run until one fails.
func (u *unreadable) firstBad(ctx context.Context, id pdx.ContentID, run bao.Range) (segment uint64, err error) {
	for segment = run.First; segment < run.First+max(run.Count, 1); segment++ {
		if _, err := u.blobs.Slice(ctx, id, segment); err != nil {
			return segment, err
		}
	}
	return 0, nil
}

// treeOnly reports whether the bytes of a blob come from a file of its owner.
func (u *unreadable) treeOnly(ctx context.Context, id pdx.ContentID) bool {
	info, err := u.blobs.store.Stat(ctx, id)
	return err == nil && info.TreeOnly
}

func (u *unreadable) forget(id pdx.ContentID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.known, id)
}

// health names the blobs that still cannot be read.
func (u *unreadable) health(ctx context.Context) (list []api.Health) {
	u.mu.Lock()
	known := maps.Clone(u.known)
	u.mu.Unlock()
	ids := slices.SortedFunc(maps.Keys(known), func(a, b pdx.ContentID) int { return cmp.Compare(a.String(), b.String()) })
	for _, id := range ids {
		was := known[id]
		_, err := u.blobs.Slice(ctx, id, was.segment)
		if err == nil || errors.Is(err, pdx.ErrNotFound) && !u.wanted(ctx, id) {
			u.forget(id)
			continue
		}
		if len(list) == maxUnreadableShown {
			return append(list, api.Health{Part: "blobs", Message: "more blobs cannot be read than are listed here: the disk may be failing"})
		}
		list = append(list, api.Health{Part: "blobs", Message: unreadableText(id, was)})
	}
	return list
}

// wanted reports whether a role still refers to a blob.
func (u *unreadable) wanted(ctx context.Context, id pdx.ContentID) bool {
	r, err := u.blobs.refs.Get(ctx, id.String())
	return err == nil && len(r.Roles) > 0
}

func unreadableText(id pdx.ContentID, was fault) string {
	if was.origin {
		return fmt.Sprintf("blob %s cannot be served: the file that it is made from changed or is gone;"+
			" 'pdx sales' names it: put it back as it was", id)
	}
	return fmt.Sprintf("blob %s cannot be read: %s; it is made or pulled again if that is possible, else restore a backup;"+
		" check the disk", id, was.text)
}

// wireUnreadable precedes the server that finds such blobs.
func (n *Node) wireUnreadable() {
	repaired := func(ctx context.Context, id pdx.ContentID, segment uint64) {
		n.seller.Damaged(ctx, id, segment)
		n.validator.Resume() // its sweep pulls what it promised and lacks
	}
	n.unreadable = &unreadable{blobs: n.share(pdx.RoleSeller), log: n.log, repaired: repaired}
}
