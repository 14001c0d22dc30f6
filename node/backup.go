package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// BackupOptions say what a backup is made of.
type BackupOptions struct {
	// WithoutBlobs leaves disclosed records and ciphertexts out.
	WithoutBlobs bool
	// MaxBytes refuses a larger backup; 0 is no limit.
	MaxBytes uint64
	// Show, which may be nil, is called with the bytes that were read and their total.
	Show func(done, work uint64)
}

// backupTemp begins the names of what a backup leaves in a home when it is killed.
const backupTemp = ".backup-"

// Backup writes an archive of the home of a running node to w; see package backup.
// Only the keys in it are encrypted.
func (n *Node) Backup(ctx context.Context, w io.Writer, o BackupOptions) (backup.Summary, error) {
	return backUp(ctx, n.cfg, n.home, n.store, n.Account(), w, o)
}

// WriteBackup is Backup for the local API.
func (n *Node) WriteBackup(ctx context.Context, w io.Writer, withoutBlobs bool, maxBytes uint64, show func(done, work uint64)) (backup.Summary, error) {
	return n.Backup(ctx, w, BackupOptions{WithoutBlobs: withoutBlobs, MaxBytes: maxBytes, Show: show})
}

// BackupHome is Node.Backup for a home that no node runs on.
func BackupHome(ctx context.Context, cfg Config, home *Home, w io.Writer, o BackupOptions) (backup.Summary, error) {
	k, err := keys.Load(ctx, home.Secrets)
	if err != nil {
		return backup.Summary{}, err
	}
	blobs, err := fs.Open(filepath.Join(cfg.Home, blobFolder))
	if err != nil {
		return backup.Summary{}, err
	}
	sum, err := backUp(ctx, cfg, home, blobs, k.Account(), w, o)
	return sum, errors.Join(err, blobs.Close())
}

func backUp(ctx context.Context, cfg Config, home *Home, blobs blob.Store, account pdx.Address, w io.Writer, o BackupOptions) (sum backup.Summary, err error) {
	temp, err := os.MkdirTemp(cfg.Home, backupTemp) // mode 0700
	if err != nil {
		return sum, fmt.Errorf("back up: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	copied := filepath.Join(temp, databaseFile)
	if err := home.DB.Snapshot(ctx, copied); err != nil {
		return sum, err
	}
	p := &backupPlan{home: cfg.Home, blobs: blobs, taken: map[string]bool{}, bare: o.WithoutBlobs}
	for name, path := range map[string]string{
		backup.Config: ConfigFile(cfg.Home), backup.StorageKey: filepath.Join(cfg.Home, storageKeyFile), backup.Database: copied,
	} {
		info, err := os.Stat(path)
		if err != nil {
			return sum, fmt.Errorf("back up: %w", err)
		}
		p.file(name, path, uint64(info.Size()), backup.Listed{})
	}
	if err := p.read(ctx, copied, temp); err != nil {
		return sum, err
	}
	if o.MaxBytes != 0 && p.bytes() > o.MaxBytes {
		return sum, fmt.Errorf("%w: the backup would have %s, more than the limit of %s: raise --max-size, or leave records and ciphertexts out with --without-blobs",
			pdx.ErrRefused, humanize.IBytes(p.bytes()), humanize.IBytes(o.MaxBytes))
	}
	header := backup.Header{Made: time.Now().UTC(), By: Version, ChainID: cfg.Chain.ID, Account: account, Bytes: p.bytes()}
	return p.write(ctx, w, header, o.Show)
}

// read plans by a second copy of the database, which opening it changes.
func (p *backupPlan) read(ctx context.Context, copied, temp string) (err error) {
	name := filepath.Join(temp, "plan.db")
	if err := copyFile(name, copied); err != nil {
		return err
	}
	db, err := store.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := whole(db); err != nil {
		return err
	}
	return planBackup(ctx, p, db)
}

// whole refuses a database in which the row of a deal is damaged: a copy would lack
// what that deal needs, and may take the place of a backup that has it.
func whole(db *store.DB) error {
	for _, row := range db.Damaged() {
		if row.Deal != 0 {
			return fmt.Errorf("back up: %w: %s of the database is damaged: keep your last backup and restore from it; see 'pdx status'", pdx.ErrCorrupt, row)
		}
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (p *backupPlan) bytes() (total uint64) {
	for _, f := range p.files {
		total += f.size
	}
	return total
}

// write writes the archive.
func (p *backupPlan) write(ctx context.Context, dst io.Writer, h backup.Header, show func(done, work uint64)) (backup.Summary, error) {
	w, err := backup.NewWriter(dst, h)
	if err != nil {
		return backup.Summary{}, err
	}
	seen := &shown{ctx: ctx, work: h.Bytes, show: show}
	for _, f := range p.files {
		if err := p.copy(w, f, seen); err != nil {
			return backup.Summary{}, err
		}
	}
	w.List(p.listed...)
	return w.Close()
}

func (p *backupPlan) copy(w *backup.Writer, f backupFile, seen *shown) error {
	in, err := f.open()
	if f.otherwise.Role != "" && (errors.Is(err, os.ErrNotExist) || errors.Is(err, pdx.ErrNotFound)) {
		p.leave(f.otherwise, "its deal ended while the backup was made")
		return nil
	}
	if err != nil {
		return fmt.Errorf("back up %s: %w", f.name, err)
	}
	defer in.Close()
	return w.Add(f.name, f.size, seen.over(in))
}

// shown shows how much is read, until ctx ends.
type shown struct {
	ctx        context.Context
	done, work uint64
	show       func(done, work uint64)
}

func (s *shown) over(r io.Reader) io.Reader { return shownReader{s, r} }

type shownReader struct {
	s *shown
	r io.Reader
}

// Read implements io.Reader.
func (r shownReader) Read(p []byte) (int, error) {
	if err := r.s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(p)
	r.s.done += uint64(n)
	if r.s.show != nil {
		r.s.show(r.s.done, r.s.work)
	}
	return n, err
}

// sweepBackups removes what killed backups left in a home.
func sweepBackups(home string) error {
	entries, err := os.ReadDir(home)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), backupTemp) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(home, entry.Name())))
		}
	}
	return err
}
