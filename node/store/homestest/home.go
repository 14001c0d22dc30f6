package homestest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// madeAt is where the files of a home lay when it was made. Its rows have
// absolute paths.
const madeAt = "/tmp/pdx-old-home"

// Archive is a set of homes in memory: by the name of the home, its files by path.
type Archive map[string]map[string]*file

type file struct {
	header *tar.Header
	body   []byte
}

// Read reads a .tar.gz of homes.
func Read(t *testing.T, name string) Archive {
	t.Helper()
	packed, err := os.ReadFile(name)
	require.NoError(t, err)
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	homes := Archive{}
	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return homes
		}
		require.NoError(t, err)
		home, path, _ := strings.Cut(filepath.ToSlash(filepath.Clean(header.Name)), "/")
		body, err := io.ReadAll(r)
		require.NoError(t, err)
		if homes[home] == nil {
			homes[home] = map[string]*file{}
		}
		homes[home][path] = &file{header, body}
	}
}

// Names are the names of the homes, in order.
func (a Archive) Names() []string { return slices.Sorted(maps.Keys(a)) }

// Home is an old home that a test unpacked and opened.
type Home struct {
	DB      *store.DB
	Secrets *store.Secrets
	Blobs   *fs.Store
	Files   string // the folder of its files
}

// Open unpacks a home into a folder of the test, reads what the chain knew into
// ledger, and opens the rest. The test closes it.
func (a Archive) Open(t *testing.T, name string, ledger any) *Home {
	t.Helper()
	dir := t.TempDir()
	a.unpack(t, name, dir)
	raw, err := os.ReadFile(filepath.Join(dir, "ledger.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, ledger))
	h := &Home{Files: filepath.Join(dir, "files")}
	h.move(t, filepath.Join(dir, "node.db"))
	h.DB, err = sqlite.Open(t.Context(), filepath.Join(dir, "node.db"), store.Schema{})
	require.NoError(t, err)
	key, err := store.UnlockKey(filepath.Join(dir, "storage.key"), "passphrase")
	require.NoError(t, err)
	h.Secrets, err = store.OpenSecrets(t.Context(), h.DB, key)
	require.NoError(t, err)
	h.Blobs, err = fs.Open(filepath.Join(dir, "blobs"))
	require.NoError(t, err)
	return h
}

// Rows are the rows of one of its tables.
func Rows[T any](t *testing.T, h *Home, table string) []T {
	t.Helper()
	all, err := store.NewTable[T](h.DB, table).All(t.Context())
	require.NoError(t, err)
	return all
}

// Contents are all its blobs.
func (h *Home) Contents(t *testing.T) (contents [][]byte) {
	t.Helper()
	for info, err := range h.Blobs.List(t.Context()) {
		require.NoError(t, err)
		b, err := h.Blobs.Open(t.Context(), info.ID)
		require.NoError(t, err)
		raw, err := io.ReadAll(io.NewSectionReader(b, 0, int64(b.Size())))
		require.NoError(t, err)
		require.NoError(t, b.Close())
		contents = append(contents, raw)
	}
	return contents
}

// Close closes what is open.
func (h *Home) Close(t *testing.T) {
	t.Helper()
	require.NoError(t, h.Blobs.Close())
	require.NoError(t, h.DB.Close())
}

func (a Archive) unpack(t *testing.T, name, dir string) {
	t.Helper()
	require.Contains(t, a, name)
	for _, path := range slices.Sorted(maps.Keys(a[name])) {
		f, to := a[name][path], filepath.Join(dir, filepath.FromSlash(path))
		if f.header.Typeflag == tar.TypeDir {
			require.NoError(t, os.MkdirAll(to, 0o700))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o700))
		require.NoError(t, os.WriteFile(to, f.body, 0o600))
		require.NoError(t, os.Chtimes(to, f.header.ModTime, f.header.ModTime))
	}
}

// move corrects the paths in the rows: the files lie elsewhere now.
func (h *Home) move(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(),
		"UPDATE documents SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB)", madeAt, h.Files)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}
