package home

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
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob"
)

// Options describe a backup.
type Options struct {
	// By is the version of the program that makes the backup.
	By string
	// WithoutBlobs leaves out disclosed records and ciphertexts.
	WithoutBlobs bool
	// MaxBytes is the most that the backup may have; a larger one is pdx.ErrRefused. 0
	// means no limit.
	MaxBytes uint64
	// Show is called with the bytes read so far and their total; nil shows nothing.
	Show func(done, total uint64)
}

// lastBackup is the file that says when the last backup was made.
const lastBackup = "last-backup"

// NoteBackup remembers in a home when a backup of it was made.
func NoteBackup(path string, made time.Time) error {
	return durable.Replace(filepath.Join(path, lastBackup), []byte(made.UTC().Format(time.RFC3339)+"\n"))
}

// LastBackup returns when the last backup of a home was made, zero for never.
func LastBackup(path string) time.Time {
	content, err := os.ReadFile(filepath.Join(path, lastBackup))
	if err != nil {
		return time.Time{}
	}
	made, err := time.Parse(time.RFC3339, strings.TrimSpace(string(content)))
	if err != nil {
		return time.Time{} // a reminder too many does no harm
	}
	return made
}

// backupTemp is the prefix of the temporary folders that a killed backup leaves.
const backupTemp = ".backup-"

// Backup writes an archive of a home on which no node runs; see BackupRunning.
func Backup(ctx context.Context, cfg config.Config, home *Home, w io.Writer, o Options) (backup.Summary, error) {
	k, err := keys.Load(ctx, home.Secrets)
	if err != nil {
		return backup.Summary{}, err
	}
	blobs, err := OpenBlobs(ctx, cfg, blob.NoOrigin, nil)
	if err != nil {
		return backup.Summary{}, err
	}
	sum, err := BackupRunning(ctx, cfg, home, blobs, k.Account(), w, o)
	return sum, errors.Join(err, blobs.Close())
}

// BackupRunning writes an archive of a home to w while a node uses the home and its
// blob store; see package backup for the format. Only the keys in it are encrypted.
func BackupRunning(
	ctx context.Context, cfg config.Config, home *Home, blobs blob.Store, account pdx.Address, w io.Writer, o Options,
) (sum backup.Summary, err error) {
	temp, err := os.MkdirTemp(cfg.Home, backupTemp) // mode 0700
	if err != nil {
		return sum, fmt.Errorf("back up: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	copied := filepath.Join(temp, databaseFile)
	if err := home.DB.Snapshot(ctx, copied); err != nil {
		return sum, err
	}
	settings, err := movedConfig(cfg, temp)
	if err != nil {
		return sum, fmt.Errorf("back up: %w", err)
	}
	p := &backupPlan{home: cfg.Home, blobs: blobs, taken: map[string]bool{}, bare: o.WithoutBlobs}
	for name, path := range map[string]string{
		backup.Config: settings, backup.StorageKey: filepath.Join(cfg.Home, storageKeyFile), backup.Database: copied,
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
		return sum, fmt.Errorf("%w: the backup would have %s, more than the limit of %s:"+
			" raise --max-size, or leave out records and ciphertexts with --without-blobs",
			pdx.ErrRefused, humanize.IBytes(p.bytes()), humanize.IBytes(o.MaxBytes))
	}
	header := backup.Header{Made: time.Now().UTC(), By: o.By, ChainID: cfg.Chain.ID, Account: account, Bytes: p.bytes()}
	return p.write(ctx, w, header, o.Show)
}

// movedConfig returns the file of a home's configuration. If the state or the blobs are
// not in their usual places, it is a copy in which they are: a restored home has them
// there.
func movedConfig(cfg config.Config, temp string) (string, error) {
	name, usual := config.File(cfg.Home), config.Default(cfg.Home)
	if cfg.Blobs == usual.Blobs && cfg.State == usual.State {
		return name, nil
	}
	k := koanf.New(".")
	if err := k.Load(file.Provider(name), yaml.Parser()); err != nil {
		return "", err
	}
	k.Delete("blobs")
	k.Delete("state")
	text, err := k.Marshal(yaml.Parser())
	if err != nil {
		return "", err
	}
	name = config.File(temp)
	return name, os.WriteFile(name, text, 0o600)
}

// read plans the backup from a second copy of the database, because opening a
// database changes its file.
func (p *backupPlan) read(ctx context.Context, copied, temp string) (err error) {
	name := filepath.Join(temp, "plan.db")
	if err := copyFile(name, copied); err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, name, StateSchema())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := whole(db); err != nil {
		return err
	}
	return planBackup(ctx, p, db)
}

// whole refuses a database in which the row of a deal is damaged: the copy would lack
// what that deal needs, and might replace a backup that has it.
func whole(db *store.DB) error {
	for _, row := range db.Damaged() {
		if row.Deal != 0 {
			return fmt.Errorf("back up: %w: %s of the database is damaged: keep your last backup and restore from it; see 'pdx status'",
				pdx.ErrCorrupt, row)
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
func (p *backupPlan) write(ctx context.Context, dst io.Writer, h backup.Header, show func(done, total uint64)) (backup.Summary, error) {
	w, err := backup.NewWriter(dst, h)
	if err != nil {
		return backup.Summary{}, err
	}
	counter := &progress{total: h.Bytes, show: show}
	for _, f := range p.files {
		if err := p.copy(ctx, w, f, counter); err != nil {
			return backup.Summary{}, err
		}
	}
	w.List(p.listed...)
	return w.Close()
}

func (p *backupPlan) copy(ctx context.Context, w *backup.Writer, f backupFile, counter *progress) error {
	in, err := f.open()
	if f.otherwise.Role != "" && (errors.Is(err, os.ErrNotExist) || errors.Is(err, pdx.ErrNotFound)) {
		p.leave(f.otherwise, "its deal ended while the backup was made")
		return nil
	}
	if err != nil {
		return fmt.Errorf("back up %s: %w", f.name, err)
	}
	defer in.Close()
	return w.Add(f.name, f.size, counter.over(ctx, in))
}

// sweepBackups removes the temporary folders of killed backups from a home.
func sweepBackups(home string) error {
	entries, err := os.ReadDir(home)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), backupTemp) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(home, entry.Name())))
		}
	}
	return err
}
