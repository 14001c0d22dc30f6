package home

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
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// Restore creates a home from a decrypted archive. The home must be missing or an
// empty folder; otherwise Restore returns pdx.ErrWrongState. Restore builds the home in
// a folder beside it, verifies and syncs it, and renames it last, so that the home is
// either whole or absent. The next Restore removes what a killed one left.
func Restore(ctx context.Context, archive io.Reader, home string, show func(done, total uint64)) (backup.Header, backup.Summary, error) {
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
		return backup.Header{}, backup.Summary{}, fmt.Errorf("%s: %w: another restore into this home is running", build, pdx.ErrWrongState)
	}
	header, sum, err := restoreIn(ctx, archive, filepath.Join(build, "home"), home, show)
	return header, sum, errors.Join(err, os.RemoveAll(build), lock.Unlock())
}

// vacant returns pdx.ErrWrongState if a folder has any entry.
func vacant(home string) error {
	entries, err := os.ReadDir(home)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("restore into %s: %w: %v", home, pdx.ErrWrongState, err)
	case len(entries) > 0:
		return fmt.Errorf("restore into %s: %w: the folder is not empty; choose another --home", home, pdx.ErrWrongState)
	}
	return nil
}

func restoreIn(
	ctx context.Context, archive io.Reader, build, home string, show func(done, total uint64),
) (backup.Header, backup.Summary, error) {
	if err := os.RemoveAll(build); err != nil { // left by a killed restore
		return backup.Header{}, backup.Summary{}, err
	}
	t, err := newTarget(ctx, build, show)
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
	if err := NoteBackup(build, header.Made); err != nil {
		return header, sum, fmt.Errorf("restore: %w", err)
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

// A target implements backup.Target by writing the files of an archive into a new
// home.
type target struct {
	ctx     context.Context //nolint:containedctx // of Restore: the methods of backup.Target have none
	root    *os.Root
	blobs   *fs.Store
	counter *progress
}

func newTarget(ctx context.Context, build string, show func(done, total uint64)) (*target, error) {
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
	return &target{ctx: ctx, root: root, blobs: blobs, counter: &progress{show: show}}, nil
}

func (t *target) close() error { return errors.Join(t.blobs.Close(), t.root.Close()) }

// Header implements backup.Target.
func (t *target) Header(h backup.Header) error {
	t.counter.total = h.Bytes
	return nil
}

// File implements backup.Target.
func (t *target) File(name string, _ uint64, r io.Reader) error {
	r = t.counter.over(t.ctx, r)
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

// blob stores a blob and checks that it matches its name.
func (t *target) blob(name string, r io.Reader) error {
	id, err := pdx.ParseContentID(name)
	if err != nil {
		return err
	}
	w, err := t.blobs.Create(t.ctx)
	if err != nil {
		return err
	}
	defer w.Abort() //nolint:errcheck // a no-op after Commit; before it, another error is returned
	if _, err := io.Copy(w, r); err != nil {
		return err
	}
	info, err := w.Commit(t.ctx)
	if err == nil && info.ID != id {
		err = fmt.Errorf("%w: the bytes of blob %s do not match its name", backup.ErrForeign, id)
	}
	return err
}

// checkRestored checks that a home can be opened: its files are present, its
// configuration is valid, and its database is whole and not newer than this program.
func checkRestored(ctx context.Context, build string) error {
	for _, name := range []string{config.File(build), filepath.Join(build, storageKeyFile), filepath.Join(build, databaseFile)} {
		if err := present(name); err != nil {
			return fmt.Errorf("%w: %s is missing", backup.ErrForeign, filepath.Base(name))
		}
	}
	if _, err := config.Load(build); err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, filepath.Join(build, databaseFile), StateSchema())
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
