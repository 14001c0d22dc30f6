package home

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/node/validator"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

const backupWords = "correct horse"

// soldHome returns a home with one of everything that a backup must think of.
func soldHome(t *testing.T) (config.Config, map[string]pdx.ContentID) {
	t.Helper()
	cfg := config.Default(filepath.Join(t.TempDir(), "ho[me"))
	cfg.WorkFactor = 10 // scrypt in milliseconds
	_, err := Init(t.Context(), cfg, backupWords, "")
	require.NoError(t, err)
	home, err := Open(t.Context(), cfg.Home, backupWords)
	require.NoError(t, err)
	blobs, err := fs.Open(filepath.Join(cfg.Home, blobFolder))
	require.NoError(t, err)
	made := map[string]pdx.ContentID{}
	for _, name := range []string{"criteria", "evidence", "sealed", "pulled", "promised", "record set", "history"} {
		w, err := blobs.Create(t.Context())
		require.NoError(t, err)
		_, err = io.WriteString(w, strings.Repeat(name, 1000))
		require.NoError(t, err)
		info, err := w.Commit(t.Context())
		require.NoError(t, err)
		made[name] = info.ID
	}
	work := filepath.Join(cfg.Home, DisclosedFolder)
	require.NoError(t, os.MkdirAll(filepath.Join(work, "s2", "files", "a b"), 0o700))
	for name, text := range map[string]string{
		"s1.ndjson": "{}\n", "s2/manifest": "m",
		"s2/files/a b/ü.json": "{}", "s4.ndjson": "{\"ended\":1}",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(work, name), []byte(text), 0o600))
	}
	dataset := func(name string) *pdx.Dataset { return &pdx.Dataset{Root: made[name], Size: 42} }
	for _, s := range []model.Sale{
		{ID: "s1", Deal: 1, State: model.SaleOffered, Dataset: dataset("sealed"), Disclosed: filepath.Join(work, "s1.ndjson")},
		{ID: "s2", Deal: 2, State: model.SaleCertified, Dataset: dataset("sealed"), Disclosed: filepath.Join(work, "s2")},
		{ID: "s3", Deal: 3, State: model.SaleAcked, Dataset: dataset("sealed"), Disclosed: "/data/all.ndjson"},
		{ID: "s4", Deal: 4, State: model.SaleFinal, Settled: true, Dataset: dataset("history"), Disclosed: filepath.Join(work, "s4.ndjson")},
		{ID: "s5", Deal: 5, State: model.SaleAcked, Dataset: &pdx.Dataset{Root: pdx.ContentID{9}, Size: 42}, Disclosed: "/data/gone.ndjson"},
	} {
		require.NoError(t, store.NewTable[model.Sale](home.DB, "sales").Put(t.Context(), s.ID, s))
	}
	for _, p := range []model.Pull{
		{Deal: 6, State: model.PullHeld, Root: made["pulled"], Held: 10, Size: 10},
		{Deal: 7, State: model.PullDisputed, Root: made["evidence"], Held: 10, Size: 10},
		{Deal: 8, State: model.PullFinal, Root: made["history"]},
	} {
		require.NoError(t, store.NewTable[model.Pull](home.DB, "pulls").Put(t.Context(), p.Deal.String(), p))
	}
	require.NoError(t, store.NewTable[buyer.Creation](home.DB, "pools").Put(t.Context(), "r",
		buyer.Creation{RequestID: "r", Documents: []pdx.ContentID{made["criteria"]}}))
	require.NoError(t, store.NewTable[validator.Record](home.DB, "validations").Put(t.Context(), "9",
		validator.Record{Deal: 9, Root: made["promised"], Size: 10, Verdict: &pdx.Verdict{Accepted: true}, Certified: true, Promised: true}))
	sets := store.NewTable[recordsets.Record](home.DB, RecordSetsTable)
	require.NoError(t, sets.Put(t.Context(), "a", recordsets.Record{Root: made["record set"], Size: 10_000, Pool: 1}))
	require.NoError(t, errors.Join(blobs.Close(), home.Close()))
	return cfg, made
}

func backUpHome(t *testing.T, cfg config.Config, o Options) ([]byte, backup.Summary, error) {
	t.Helper()
	home, err := Open(t.Context(), cfg.Home, backupWords)
	require.NoError(t, err)
	defer home.Close()
	var out bytes.Buffer
	sum, err := Backup(t.Context(), cfg, home, &out, o)
	return out.Bytes(), sum, err
}

func TestBackupHasWhatNobodyElseServes(t *testing.T) {
	cfg, made := soldHome(t)
	archive, sum, err := backUpHome(t, cfg, Options{})
	require.NoError(t, err)
	listed := map[pdx.DealID]string{}
	for _, l := range sum.Listed {
		listed[l.Deal] = l.Why
	}
	require.Len(t, listed, 3)
	require.Contains(t, listed[5], "/data/gone.ndjson")
	require.Contains(t, listed[6], "pulled again")
	require.Contains(t, listed[9], "pulled again")

	to := filepath.Join(t.TempDir(), "restored")
	_, again, err := Restore(t.Context(), bytes.NewReader(archive), to, nil)
	require.NoError(t, err)
	require.Equal(t, sum, again)
	for name, text := range map[string]string{"s1.ndjson": "{}\n", "s2/manifest": "m", "s2/files/a b/ü.json": "{}"} {
		raw, err := os.ReadFile(filepath.Join(to, DisclosedFolder, name))
		require.NoError(t, err)
		require.Equal(t, text, string(raw))
	}
	_, err = os.Stat(filepath.Join(to, DisclosedFolder, "s4.ndjson"))
	require.ErrorIs(t, err, os.ErrNotExist, "it is history")
	blobs, err := fs.Open(filepath.Join(to, blobFolder))
	require.NoError(t, err)
	for name, id := range made {
		_, err := blobs.Stat(t.Context(), id)
		if name == "criteria" || name == "evidence" || name == "sealed" || name == "record set" {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, pdx.ErrNotFound, name)
		}
	}
	require.NoError(t, blobs.Close())
	home, err := Open(t.Context(), to, backupWords)
	require.NoError(t, err)
	sales, err := store.NewTable[model.Sale](home.DB, "sales").All(t.Context())
	require.NoError(t, err)
	require.Len(t, sales, 5)
	require.NoError(t, home.Close())
}

func TestBackupIsBounded(t *testing.T) {
	cfg, _ := soldHome(t)
	_, _, err := backUpHome(t, cfg, Options{MaxBytes: 1000})
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.ErrorContains(t, err, "--max-size")
	archive, sum, err := backUpHome(t, cfg, Options{WithoutBlobs: true})
	require.NoError(t, err)
	require.Equal(t, 4, sum.Files, "configuration, key, database, criteria")
	_, _, err = Restore(t.Context(), bytes.NewReader(archive), filepath.Join(t.TempDir(), "r"), nil)
	require.NoError(t, err)
}

// What a killed backup leaves goes when the home is opened next.
func TestKilledBackupLeavesNothing(t *testing.T) {
	cfg, _ := soldHome(t)
	left := filepath.Join(cfg.Home, backupTemp+"1")
	require.NoError(t, os.Mkdir(left, 0o700))
	_, _, err := backUpHome(t, cfg, Options{})
	require.NoError(t, err)
	entries, err := os.ReadDir(cfg.Home)
	require.NoError(t, err)
	for _, e := range entries {
		require.False(t, strings.HasPrefix(e.Name(), backupTemp), e.Name())
	}
}

// cut ends after some bytes, as a full disk or a kill does.
func cut(archive []byte, n int) io.Reader { return bytes.NewReader(archive[:n]) }

// A restore that fails anywhere leaves no home; one after it does not mind the rest.
func TestRestoreIsWholeOrNothing(t *testing.T) {
	cfg, _ := soldHome(t)
	archive, _, err := backUpHome(t, cfg, Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	to := filepath.Join(dir, "ho[me")
	for n := 0; n < len(archive)-1024; n += len(archive) / 20 {
		_, _, err := Restore(t.Context(), cut(archive, n), to, nil)
		require.Error(t, err, n)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, entries, n)
	}
	// A killed one leaves its folder, without a lock; the home may be an empty folder.
	require.NoError(t, os.Mkdir(to, 0o700))
	require.NoError(t, os.MkdirAll(filepath.Join(to+".restoring", "home", blobFolder), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(to+".restoring", "home", databaseFile), []byte("half"), 0o600))
	_, _, err = Restore(t.Context(), bytes.NewReader(archive), to, nil)
	require.NoError(t, err)
	_, _, err = Restore(t.Context(), bytes.NewReader(archive), to, nil)
	require.ErrorIs(t, err, pdx.ErrWrongState)

	busy := filepath.Join(dir, "busy")
	require.NoError(t, os.Mkdir(busy+".restoring", 0o700))
	lock := flock.New(filepath.Join(busy+".restoring", lockFile))
	got, err := lock.TryLock()
	require.NoError(t, err)
	require.True(t, got)
	_, _, err = Restore(t.Context(), bytes.NewReader(archive), busy, nil)
	require.ErrorIs(t, err, pdx.ErrWrongState)
	require.NoError(t, lock.Unlock())
}

// An archive that is well formed and no home's is refused.
func TestRestoreOfNoHome(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no database":  {"config.yaml": "", "storage.key": "k"},
		"bad database": {"config.yaml": "log: {level: info}", "storage.key": "k", "node.db": strings.Repeat("letter", 1000)},
		"bad config":   {"config.yaml": "nonsense: 1", "storage.key": "k", "node.db": "d"},
		"a false blob": {"blobs/" + pdx.ContentID{1}.String(): "other bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w, err := backup.NewWriter(&out, backup.Header{Bytes: 1 << 20})
			require.NoError(t, err)
			for name, body := range files {
				require.NoError(t, w.Add(name, uint64(len(body)), strings.NewReader(body)))
			}
			_, err = w.Close()
			require.NoError(t, err)
			to := filepath.Join(t.TempDir(), "home")
			_, _, err = Restore(t.Context(), &out, to, nil)
			require.Error(t, err)
			_, err = os.Stat(to)
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

// A backup that lacks what a deal needs must not take the place of a whole one.
func TestNoBackupOfDamagedDeals(t *testing.T) {
	require.ErrorIs(t, whole(spoiled(t, 7)), pdx.ErrCorrupt)
	require.NoError(t, whole(spoiled(t)))
}

// A home may be a link to a folder on a larger disk.
func TestRestoreThroughLink(t *testing.T) {
	cfg, _ := soldHome(t)
	archive, _, err := backUpHome(t, cfg, Options{})
	require.NoError(t, err)
	real, link := filepath.Join(t.TempDir(), "real"), filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Mkdir(real, 0o700))
	require.NoError(t, os.Symlink(real, link))
	_, _, err = Restore(t.Context(), bytes.NewReader(archive), link, nil)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(real, databaseFile))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
}

// spoiled returns a store in which the row of each deal is damaged.
func spoiled(t *testing.T, deals ...pdx.DealID) *store.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node.db")
	db, err := sqlite.Open(t.Context(), path, StateSchema())
	require.NoError(t, err)
	for _, id := range deals {
		require.NoError(t, store.NewTable[model.Pull](db, "pulls").Put(t.Context(), id.String(), model.Pull{Deal: id}))
	}
	require.NoError(t, db.Close())
	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = raw.Exec(`UPDATE documents SET body = CAST(replace(CAST(body AS TEXT), 'Deal', 'Dean') AS BLOB)`)
	require.NoError(t, err)
	require.NoError(t, raw.Close())
	db, err = sqlite.Open(t.Context(), path, StateSchema())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.Len(t, db.Damaged(), len(deals))
	return db
}
