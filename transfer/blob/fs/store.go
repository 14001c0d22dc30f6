package fs

import (
	"errors"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

const (
	tmpDir     = "tmp"
	partialDir = "partial"
	wholeDir   = "blobs"
	treesDir   = "trees"
	lockFile   = "LOCK"
)

// Store is a blob.Store in a directory.
type Store struct {
	dir      string
	disk     disk
	unlock   func() error
	origin   blob.Origin
	verified *verified
	log      *slog.Logger

	mu   sync.Mutex // guards open and the renames into and out of partial and blobs
	open map[pdx.ContentID]bool

	packs packs
}

var _ blob.Store = (*Store)(nil)

// Open opens the store in dir, which is made if need be, and sweeps what crashes
// left behind. One process at a time can have it open: else blob.ErrBusy.
func Open(dir string, opts ...Option) (*Store, error) { return openOn(osDisk{}, dir, opts...) }

// Option adjusts a Store.
type Option func(*Store)

// WithOrigin gives the bytes of blobs that were made by CreateTree.
func WithOrigin(o blob.Origin) Option { return func(s *Store) { s.origin = o } }

// WithLog logs damage to l; nil, the default, is silent.
func WithLog(l *slog.Logger) Option {
	return func(s *Store) {
		if l != nil {
			s.log = l
		}
	}
}

func openOn(d disk, dir string, opts ...Option) (*Store, error) {
	if err := makeFolders(d, dir); err != nil {
		return nil, fail("open blob store", err)
	}
	unlock, err := d.Lock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, fail("lock blob store", err)
	}
	s := &Store{
		dir: dir, disk: d, unlock: unlock, origin: blob.NoOrigin, verified: newVerified(), log: slog.New(slog.DiscardHandler),
		open: make(map[pdx.ContentID]bool),
	}
	s.packs.unsynced = make(map[string]bool)
	for _, opt := range opts {
		opt(s)
	}
	if err := s.settle(); err != nil {
		s.packs.close()
		_ = unlock()
		return nil, fail("sweep blob store", err)
	}
	return s, nil
}

// settle makes durable what the process before renamed and may have been killed
// before it synced, and only then sweeps: what is thrown away must not have a
// name elsewhere after a power cut.
func (s *Store) settle() error {
	for _, sub := range []string{"", partialDir, wholeDir, treesDir, packsDir} {
		if err := s.disk.SyncDir(filepath.Join(s.dir, sub)); err != nil {
			return err
		}
	}
	if err := s.loadPacks(); err != nil {
		return err
	}
	return s.sweep()
}

// Close lets other processes open the store. Writers, Batches, Partials and Blobs
// must be done with.
func (s *Store) Close() error {
	s.packs.close()
	return s.unlock()
}

// sweep removes what was never committed, and pulls of blobs that are whole.
func (s *Store) sweep() error {
	tmp := filepath.Join(s.dir, tmpDir)
	left, err := s.disk.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := s.disk.RemoveAll(filepath.Join(tmp, name)); err != nil {
			return err
		}
	}
	pulls, err := s.disk.ReadDir(filepath.Join(s.dir, partialDir))
	if err != nil {
		return err
	}
	for _, name := range pulls {
		if s.isWhole(name) {
			if err := s.discard(filepath.Join(s.dir, partialDir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// isWhole reports whether the blob of that name is whole, and not only by name: a
// pull of one that has rotted stays.
func (s *Store) isWhole(name string) bool {
	id, err := pdx.ParseContentID(name)
	return err == nil && closed(s.openWhole(id)) == nil
}

func (s *Store) partialPath(id pdx.ContentID) string {
	return filepath.Join(s.dir, partialDir, id.String())
}

func (s *Store) wholePath(id pdx.ContentID) string {
	return filepath.Join(s.dir, wholeDir, id.String())
}

func (s *Store) treePath(id pdx.ContentID) string {
	return filepath.Join(s.dir, treesDir, id.String())
}

// move renames the directory of a blob, durably or not at all.
func (s *Store) move(dir, target string) error {
	err := s.disk.Rename(dir, target)
	if s.restored(err) {
		err = s.disk.Rename(dir, target)
	}
	if err != nil {
		return err
	}
	err = s.disk.SyncDir(filepath.Dir(target))
	if err != nil { // it may be durable, but must not seem so
		return errors.Join(err, s.disk.Rename(target, dir))
	}
	return nil
}

// forget removes a temporary directory that was perhaps to get a name in parent.
// If it is not certain that it got none, it is left to the sweep.
func (s *Store) forget(dir, parent string) error {
	if err := s.disk.SyncDir(filepath.Join(s.dir, parent)); err != nil {
		return err
	}
	return s.disk.RemoveAll(dir)
}

// discard removes a blob's directory as one step: it is renamed away first, so
// that a crash leaves all of it or none.
func (s *Store) discard(dir string) error {
	tmp, err := s.temp()
	if err != nil {
		return err
	}
	if err := s.disk.Rename(dir, filepath.Join(tmp, "gone")); err != nil {
		return err
	}
	if err := s.disk.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return s.disk.RemoveAll(tmp)
}

// adopt makes the blob in dir, whose files are synced, the whole blob id. A good
// one that is there already stays; s.mu is held.
func (s *Store) adopt(dir string, id pdx.ContentID) error {
	if err := s.settleIn(dir, id); err != nil {
		return err
	}
	if part := s.partialPath(id); part != dir && !s.open[id] && s.disk.Exists(part) {
		return s.discard(part)
	}
	return nil
}

func (s *Store) settleIn(dir string, id pdx.ContentID) error {
	packed, err := s.packs.has(id)
	if err != nil {
		return err
	}
	if packed { // it came in a batch before
		return s.discard(dir)
	}
	return s.install(dir, s.wholePath(id), func() error { return closed(s.openWhole(id)) })
}

// install moves a blob's directory to target, unless what is there is good.
func (s *Store) install(dir, target string, good func() error) error {
	if s.disk.Exists(target) {
		switch err := good(); {
		case err == nil:
			return errors.Join(s.disk.SyncDir(filepath.Dir(target)), s.discard(dir))
		case !errors.Is(err, pdx.ErrCorrupt):
			return err
		}
		if err := s.discard(target); err != nil { // it has rotted
			return err
		}
	}
	return s.move(dir, target)
}

// closed closes files that were opened to see whether they can be.
func closed(f *files, err error) error {
	if err == nil {
		f.close()
	}
	return err
}
