package buyer_test

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/buyer/internal/output"
	"github.com/medibloc/pdx/node/model"
)

var ward = map[string]string{
	"a.ndjson": patients(10), "b/c/d.json": `[{"id":"x"},{"id":"y"}]`,
	"b/none.jsonl": "", "b/z.json": `{"id":"z"}`,
}

type text struct{ *strings.Reader }

func (text) Close() error { return nil }

// streamOf is a folder as it is sealed.
func streamOf(t *testing.T, lies map[string]string) string {
	t.Helper()
	var files []folder.File
	for path, content := range lies {
		files = append(files, folder.File{Path: path, Size: uint64(len(content))})
	}
	m, err := folder.New(files)
	require.NoError(t, err)
	j := m.Join(func(f folder.File) (folder.Source, error) { return text{strings.NewReader(lies[f.Path])}, nil })
	b, err := io.ReadAll(io.NewSectionReader(j, 0, int64(j.Size())))
	require.NoError(t, err)
	return string(b)
}

// inFolders is a pool that wants folders.
func inFolders(t *testing.T, scenario func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID)) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.asksFor(pool, criteria.Folder)
		w.prompt = true
		scenario(t, w, s, pool)
	})
}

func (w *world) dealFolder() string { return filepath.Join(w.out, "deal-1") }

// lies is everything in a folder.
func lies(t *testing.T, path string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(at)
		name, _ := filepath.Rel(path, at)
		found[filepath.ToSlash(name)] = string(raw)
		return err
	}))
	return found
}

func TestFolderIsLaidOut(t *testing.T) {
	inFolders(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, streamOf(t, ward))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		opened := pull(t, s, 1).Opened
		require.Equal(t, filepath.Join(w.dealFolder(), "records"), opened.Path)
		require.EqualValues(t, 13, opened.Records)
		require.EqualValues(t, len(streamOf(t, ward)), opened.Bytes)
		require.Equal(t, ward, lies(t, opened.Path))
		info, err := os.Stat(filepath.Join(opened.Path, "b/c/d.json"))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

		var m output.Manifest
		require.NoError(t, json.Unmarshal([]byte(w.file(t, 1, "manifest.json")), &m))
		require.Equal(t, "records", m.File)
		require.Len(t, m.Files, len(ward))
		require.Equal(t, "a.ndjson", m.Files[0].Path)
		require.EqualValues(t, 10, m.Files[0].Records)
		require.EqualValues(t, len(ward["a.ndjson"]), m.Files[0].Bytes)
		require.Len(t, m.Files[0].Blake3, 64)
		entries, err := os.ReadDir(w.dealFolder())
		require.NoError(t, err)
		require.Len(t, entries, 2, "nothing else is left")
	})
}

// A folder that was being written, or was and the machine died before it noted
// so, is written again or found.
func TestWhatACrashLeftOfAFolder(t *testing.T) {
	for name, left := range map[string]map[string]string{
		"half of it": {".pdx-123.part/a.ndjson": "half", ".pdx-123.part/b/c/d.json": ""},
		"all of it": {
			"records/a.ndjson": ward["a.ndjson"], "records/b/c/d.json": ward["b/c/d.json"],
			"records/b/none.jsonl": "", "records/b/z.json": ward["b/z.json"],
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFolders(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				for path, content := range left {
					w.lay(t, path, content)
				}
				w.certify(1, pool, streamOf(t, ward))
				w.order(s, pool)
				w.settle(func() bool { return state(s, 1) == model.PullOpened })
				got := lies(t, w.dealFolder())
				require.Contains(t, got, "manifest.json")
				require.Len(t, got, len(ward)+1)
				require.Equal(t, ward, lies(t, pull(t, s, 1).Opened.Path))
			})
		})
	}
}

func (w *world) lay(t *testing.T, path, content string) {
	t.Helper()
	at := filepath.Join(w.dealFolder(), path)
	require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o700))
	require.NoError(t, os.WriteFile(at, []byte(content), 0o600))
}

// Whatever lies where the folder belongs, and is not it, stays and is named.
func TestForeignFoldersAreNeverTouched(t *testing.T) {
	for name, foreign := range map[string]map[string]string{
		"a file":  {"records": "mine"},
		"another": {"records/mine": "mine"},
		"one edited": {
			"records/a.ndjson": "mine", "records/b/c/d.json": ward["b/c/d.json"],
			"records/b/none.jsonl": "", "records/b/z.json": ward["b/z.json"],
		},
		"one less": {"records/a.ndjson": ward["a.ndjson"]},
		"one of more": {
			"records/a.ndjson": ward["a.ndjson"], "records/b/c/d.json": ward["b/c/d.json"],
			"records/b/none.jsonl": "", "records/b/z.json": ward["b/z.json"], "records/notes": "mine",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFolders(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				for path, content := range foreign {
					w.lay(t, path, content)
				}
				w.certify(1, pool, streamOf(t, ward))
				w.order(s, pool)
				w.settle(func() bool { return state(s, 1) == model.PullPaused })
				require.Contains(t, pull(t, s, 1).Reason, "records")
				require.Equal(t, foreign, lies(t, w.dealFolder()))
				require.NoError(t, os.Rename(filepath.Join(w.dealFolder(), "records"), filepath.Join(w.dealFolder(), "kept")))
				w.settle(func() bool { return state(s, 1) == model.PullOpened })
				require.Equal(t, ward, lies(t, pull(t, s, 1).Opened.Path))
			})
		})
	}
}

// What is sold as a folder and is none, which its validators let pass, is paid for
// and kept, as one file. No path in it reaches anything.
func TestNoFolder(t *testing.T) {
	good := streamOf(t, map[string]string{"x/y.ndjson": patients(3)})
	for name, plain := range map[string]string{
		"lines":      patients(10),
		"cut":        good[:len(good)-1],
		"more":       good + "x",
		"climbs out": strings.Replace(good, "x/y.ndjson", "../escaped", 1),
		"absolute":   strings.Replace(good, "x/y.ndjson", "/y.ndjson0", 1),
	} {
		t.Run(name, func(t *testing.T) {
			inFolders(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.certify(1, pool, plain)
				w.order(s, pool)
				w.settle(func() bool { return state(s, 1) == model.PullOpened })
				require.Equal(t, plain, w.file(t, 1, "records.folder"))
				require.Len(t, lies(t, w.out), 2, "it and the manifest")
			})
		})
	}
}

// A folder that does not decrypt is disputed like any dataset.
func TestSpoiledFolder(t *testing.T) {
	inFolders(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, streamOf(t, ward), func(_ *pdx.Dataset, sealed []byte) { sealed[0] ^= 1 })
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullDisputed || state(s, 1) == model.PullFraud })
		require.Equal(t, model.FaultSegment, pull(t, s, 1).Evidence.Fault)
		require.NoDirExists(t, filepath.Join(w.dealFolder(), "records"))
	})
}
