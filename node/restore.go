package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// RestoreHome makes a home out of an archive that was decrypted. The home must not
// be there, or be an empty folder: pdx.ErrWrongState. It is built beside, verified
// and synced, and gets its name last, so that it is there whole or not at all; what
// a killed restore leaves is removed by the next.
func RestoreHome(ctx context.Context, archive io.Reader, home string, show func(done, work uint64)) (backup.Header, backup.Summary, error) {
	if real, err := filepath.EvalSymlinks(home); err == nil {
		home = real // the link stays
	}
	if err := vacant(home); err != nil {
		return backup.Header{}, backup.Summary{}, err
	}
	build := filepath.Join(filepath.Dir(home), filepath.Base(home)+".restoring")
	if err := os.MkdirAll(build, 0o700); err != nil {
		return backup.Header{}, backup.Summary{}, fmt.Errorf("restore: %w", err)
	}
	lock := flock.New(filepath.Join(build, lockFile))
	got, err := lock.TryLock()
	if err != nil {
		return backup.Header{}, backup.Summary{}, fmt.Errorf("lock %s: %w", build, err)
	}
	if !got {
		return backup.Header{}, backup.Summary{}, fmt.Errorf("%s: %w: another restore into this home is under way", build, pdx.ErrWrongState)
	}
	header, sum, err := restoreIn(ctx, archive, filepath.Join(build, "home"), home, show)
	return header, sum, errors.Join(err, os.RemoveAll(build), lock.Unlock())
}

// vacant is pdx.ErrWrongState if there is something in a folder.
func vacant(home string) error {
	entries, err := os.ReadDir(home)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("restore into %s: %w: %v", home, pdx.ErrWrongState, err)
	case len(entries) > 0:
		return fmt.Errorf("restore into %s: %w: the folder is not empty, and nothing in it is overwritten; choose another --home", home, pdx.ErrWrongState)
	}
	return nil
}

func restoreIn(ctx context.Context, archive io.Reader, build, home string, show func(done, work uint64)) (backup.Header, backup.Summary, error) {
	if err := os.RemoveAll(build); err != nil { // a killed restore left it
		return backup.Header{}, backup.Summary{}, err
	}
	t, err := newRestoring(ctx, build, show)
	if err != nil {
		return backup.Header{}, backup.Summary{}, err
	}
	header, sum, err := backup.Extract(archive, t)
	if err = errors.Join(err, t.close()); err != nil {
		return header, sum, fmt.Errorf("restore: %w", err)
	}
	if err := checkRestored(ctx, build); err != nil {
		return header, sum, err
	}
	if err := syncTree(build); err != nil {
		return header, sum, err
	}
	if err := vacant(home); err != nil {
		return header, sum, err
	}
	if err := os.Remove(home); err != nil && !errors.Is(err, os.ErrNotExist) { // an empty folder; a full one stays
		return header, sum, fmt.Errorf("restore: %w", err)
	}
	if err := durable.Rename(build, home); err != nil {
		return header, sum, fmt.Errorf("restore: %w", err)
	}
	return header, sum, nil
}

// restoring is a home in the making; it takes the files of an archive.
type restoring struct {
	ctx   context.Context
	root  *os.Root
	blobs *fs.Store
	seen  *shown
}

func newRestoring(ctx context.Context, build string, show func(done, work uint64)) (*restoring, error) {
	if err := os.MkdirAll(build, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(build)
	if err != nil {
		return nil, err
	}
	blobs, err := fs.Open(filepath.Join(build, blobFolder))
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &restoring{ctx: ctx, root: root, blobs: blobs, seen: &shown{ctx: ctx, show: show}}, nil
}

func (t *restoring) close() error { return errors.Join(t.blobs.Close(), t.root.Close()) }

// Header implements backup.Target.
func (t *restoring) Header(h backup.Header) error {
	t.seen.work = h.Bytes
	return nil
}

// File implements backup.Target.
func (t *restoring) File(name string, _ uint64, r io.Reader) error {
	r = t.seen.over(r)
	if id, ok := strings.CutPrefix(name, backup.Blobs+"/"); ok {
		return t.blob(id, r)
	}
	if dir := path.Dir(name); dir != "." {
		if err := t.root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	f, err := t.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// blob takes a blob, if it is the one that it says it is.
func (t *restoring) blob(name string, r io.Reader) error {
	id, err := pdx.ParseContentID(name)
	if err != nil {
		return err
	}
	w, err := t.blobs.Create(t.ctx)
	if err != nil {
		return err
	}
	defer w.Abort() //nolint:errcheck // after a commit it does nothing, before one the error is another's
	if _, err := io.Copy(w, r); err != nil {
		return err
	}
	info, err := w.Commit(t.ctx)
	if err == nil && info.ID != id {
		err = fmt.Errorf("%w: blob %s has other bytes", backup.ErrForeign, id)
	}
	return err
}

// checkRestored makes sure that a home can be opened: its files are there, its
// configuration is one, and its database is whole and not newer than this program.
func checkRestored(ctx context.Context, build string) error {
	for _, name := range []string{ConfigFile(build), filepath.Join(build, storageKeyFile), filepath.Join(build, databaseFile)} {
		if err := present(name); err != nil {
			return fmt.Errorf("%w: it has no %s", backup.ErrForeign, filepath.Base(name))
		}
	}
	if _, err := LoadConfig(build); err != nil {
		return err
	}
	db, err := store.Open(ctx, filepath.Join(build, databaseFile))
	if err != nil {
		return err
	}
	return db.Close()
}

// syncTree makes the names of all files below a folder durable.
func syncTree(folder string) error {
	return filepath.WalkDir(folder, func(at string, entry iofs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return durable.SyncDir(at)
	})
}
