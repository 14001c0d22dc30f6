package fs

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

const packsDir = "packs"

// maxOpenPacks is how many pack files are kept open: with a million blobs of
// 1 KiB there are 16 to 64.
const maxOpenPacks = 256

// packs are the packs of a store. They change under the store's mu only; mu here
// keeps readers and changes apart, and is never held while a disk syncs.
type packs struct {
	mu      sync.RWMutex
	all     []*pack // the newest last
	catalog catalog // of all
	open    int     // how many have their file open
	next    uint64  // number of the next

	unsynced map[string]bool // directories in which something was deleted
}

func packPath(dir string, number uint64) string {
	return filepath.Join(dir, packsDir, fmt.Sprintf("%016x", number))
}

// loadPacks reads what is in every pack. One that has rotted is left where it is,
// and said to have: what was in it is not here any more, and can be pulled again.
func (s *Store) loadPacks() error {
	names, err := s.disk.ReadDir(filepath.Join(s.dir, packsDir))
	if err != nil {
		return err
	}
	slices.Sort(names) // the newest last
	for _, name := range names {
		number, err := strconv.ParseUint(name, 16, 64)
		if err != nil || packPath(s.dir, number) != filepath.Join(s.dir, packsDir, name) {
			continue // somebody else's
		}
		s.packs.next = max(s.packs.next, number+1)
		p, err := s.loadPack(packPath(s.dir, number), number)
		if errors.Is(err, pdx.ErrCorrupt) {
			s.damaged(packPath(s.dir, number), err)
			continue
		}
		if err != nil {
			return err
		}
		if err := s.packs.add(p); err != nil {
			return err
		}
	}
	return nil
}

// damaged says that a pack has rotted.
func (s *Store) damaged(dir string, err error) {
	s.log.Error("a pack of blobs is damaged: what it cannot tell any more counts as not here and is pulled again; the files stay",
		"path", dir, "error", err)
}

// add makes a pack visible.
func (ps *packs) add(p *pack) error {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.open < maxOpenPacks {
		f, err := p.disk.OpenFile(filepath.Join(p.dir, packFile), os.O_RDONLY)
		if err != nil {
			return fail("open pack", err)
		}
		p.file = f
		ps.open++
	}
	ps.all = append(ps.all, p)
	ps.catalog.add(p)
	return nil
}

// remove makes a pack invisible; who has a blob of it open still reads it.
func (ps *packs) remove(p *pack) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.all = slices.DeleteFunc(ps.all, func(o *pack) bool { return o == p })
	ps.catalog.remove(p)
	if p.file != nil {
		_ = p.file.Close()
		p.file = nil
		ps.open--
	}
}

// close closes the files.
func (ps *packs) close() {
	for len(ps.all) > 0 {
		ps.remove(ps.all[0])
	}
}

// first gives the packs that may have a blob to do, the newest first, until it is
// content with one; else it is why none was good, or pdx.ErrNotFound.
func (ps *packs) first(id pdx.ContentID, do func(*pack) error) error {
	ps.mu.RLock()
	defer ps.mu.RUnlock()
	failed := pdx.ErrNotFound
	for p := range ps.catalog.having(id) {
		err := do(p)
		if err == nil {
			return nil
		}
		if !errors.Is(err, pdx.ErrNotFound) {
			failed = err
		}
	}
	return failed
}

// read reads a blob that came in a batch into b, verified.
func (ps *packs) read(id pdx.ContentID, b []byte) (data []byte, err error) {
	err = ps.first(id, func(p *pack) (err error) {
		data, err = p.read(id, b)
		return err
	})
	return data, err
}

// has reports whether a blob came in a batch and is there.
func (ps *packs) has(id pdx.ContentID) (bool, error) {
	err := ps.first(id, func(p *pack) error {
		_, _, err := p.find(id)
		return err
	})
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		return false, nil
	}
	return err == nil, err
}

// openPacked opens a blob that came in a batch, as if it had files of its own.
func (s *Store) openPacked(id pdx.ContentID) (opened *files, err error) {
	err = s.packs.first(id, func(p *pack) error {
		e, _, err := p.find(id)
		if err != nil {
			return err
		}
		var changed int64
		f, err := openSized(s.disk, filepath.Join(p.dir, packFile), os.O_RDONLY, p.size, &changed)
		if err != nil {
			return err
		}
		size := uint64(e.size)
		opened = &files{
			facts: facts{id, size, bao.FullBitmap(bao.Segments(size))}, dir: p.dir,
			data: section{f, e}, tree: noTree{f}, changed: changes{data: math.MaxInt64}, // hashed whenever it is read
		}
		return nil
	})
	return opened, err
}

// section is a blob's part of a pack file.
type section struct {
	file
	entry
}

// ReadAt reads within the part.
func (s section) ReadAt(p []byte, off int64) (int, error) {
	return io.NewSectionReader(s.file, int64(s.offset), int64(s.size)).ReadAt(p, off)
}

// Stat is the size of the part.
func (s section) Stat() (int64, time.Time, error) {
	_, changed, err := s.file.Stat()
	return int64(s.size), changed, err
}

// noTree is the tree of a blob of one segment.
type noTree struct{ file }

// ReadAt has nothing to read.
func (noTree) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

// Stat is of nothing.
func (noTree) Stat() (int64, time.Time, error) { return 0, time.Time{}, nil }

// Close leaves the file to the section.
func (noTree) Close() error { return nil }

// deletePacked forgets blobs in every pack that has them, and tells how many there
// were; s.mu is held.
func (s *Store) deletePacked(ids ...pdx.ContentID) (found int, err error) {
	if err := s.syncPacks(); err != nil {
		return 0, err
	}
	gone := map[*pack]*bao.Bitmap{}
	for _, id := range ids {
		here := false
		for p := range s.packs.catalog.having(id) {
			_, number, err := p.find(id)
			if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
				continue
			}
			if err != nil {
				return 0, err
			}
			if gone[p] == nil {
				gone[p] = p.gone.Clone()
			}
			gone[p].Add(number)
			here = true
		}
		if here {
			found++
		}
	}
	for _, p := range slices.Clone(s.packs.all) {
		if gone[p] == nil {
			continue
		}
		if err := s.deleteIn(p, gone[p]); err != nil {
			return 0, err
		}
	}
	return found, nil
}

// deleteIn makes durable what of a pack is gone: by a record beside it, or with the
// pack when all of it is. The bytes of a pack go when it goes, or when so many
// should go that what is left is worth a new pack.
//
// A pack whose directory somebody removed is forgotten: its file, which may still
// be open, tells of blobs that nobody can read any more.
func (s *Store) deleteIn(p *pack, gone *bao.Bitmap) error {
	if !s.disk.Exists(p.dir) {
		s.damaged(p.dir, errPack)
		s.packs.remove(p)
		return nil
	}
	if gone.Complete() {
		return s.discardPack(p)
	}
	if err := swapFile(s.disk, p.dir, goneFile, encodeGone(gone)); err != nil {
		return err
	}
	s.packs.mu.Lock()
	p.gone = gone // whether it can be synced or not: nothing must be built on what may be gone
	s.packs.mu.Unlock()
	s.packs.unsynced[p.dir] = true
	if err := s.syncPacks(); err != nil || !p.mostlyGone() {
		return err
	}
	if err := s.compact(p); err != nil {
		s.log.Warn("a pack that is mostly gone could not be written anew: it takes more space than it needs", "path", p.dir, "error", err)
	}
	return nil
}

// syncPacks syncs the directories in which something was deleted, also what could
// not be synced before: no Delete succeeds while it could come back.
func (s *Store) syncPacks() error {
	for dir := range s.packs.unsynced {
		if err := s.disk.SyncDir(dir); err != nil && s.disk.Exists(dir) {
			return err
		}
		delete(s.packs.unsynced, dir)
	}
	return nil
}

// discardPack removes a pack. If that fails it is there as before.
func (s *Store) discardPack(p *pack) error {
	s.packs.remove(p)
	s.packs.unsynced[filepath.Dir(p.dir)] = true
	err := s.discard(p.dir)
	if err != nil && s.disk.Exists(p.dir) {
		err = errors.Join(err, s.packs.add(p))
	}
	return err
}
