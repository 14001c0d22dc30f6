package seller_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// ward is a folder of records: what lies there, and what is disclosed of it.
type ward struct {
	path      string
	lies      map[string]string
	disclosed map[string]string
}

// inFolderWorld runs a test with a pool that wants folders, and one to sell.
func inFolderWorld(t *testing.T, oneCopyFrom uint64, test func(t *testing.T, w *world, s *seller.Service, f *ward)) {
	t.Helper()
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.stop(t, s)
		w.oneCopyFrom = oneCopyFrom
		w.chain.autoAck = false
		s = w.start(t)
		f := w.registerWard(t, s)
		test(t, w, s, f)
		w.stop(t, w.serving.Load())
	})
}

// registerWard has the pool want folders, and one registered to be sold.
func (w *world) registerWard(t *testing.T, s *seller.Service) *ward {
	t.Helper()
	doc := []byte(`{"version":1,"title":"t","media_type":"application/vnd.pdx.folder","schema":` + schema + `,
		"fields":[{"pointer":"/id","required":true,"purpose":"to count"},{"pointer":"/age","purpose":"to know"}]}`)
	w.docs[criteria.IDOf(doc)] = doc
	w.chain.pool.Criteria = criteria.IDOf(doc)
	f := newWard(t)
	w.plain, w.name = f.stream(t), "ward"
	_, err := s.AddData(t.Context(), f.path, "ward", "", nil)
	require.NoError(t, err)
	return f
}

func newWard(t *testing.T) *ward {
	f := &ward{path: filepath.Join(t.TempDir(), "ward"), lies: map[string]string{}, disclosed: map[string]string{}}
	var whole, part, projected strings.Builder
	for i := range recordCount { // more than one segment of ciphertext
		id := fmt.Sprintf("p%d%s", i, strings.Repeat("-", 200))
		fmt.Fprintf(&whole, "{\"id\":%q,\"age\":%d}\n", id, i%90)
		fmt.Fprintf(&part, "{\"id\":%q,\"name\":\"Kim %d\"}\n", id, i)
		fmt.Fprintf(&projected, "{\"id\":%q}\n", id)
	}
	f.put(t, "2023/visits.ndjson", whole.String(), whole.String())
	f.put(t, "2024/visits.ndjson", part.String(), projected.String())
	f.put(t, "2024/집/one.JSON", `[{"id": "x", "name": "Ann"}]`, "[{\"id\":\"x\"}]\n")
	f.put(t, "none.jsonl", "", "")
	f.put(t, ".DS_Store", "of the machine", "")
	f.put(t, ".git/config", "of the machine", "")
	delete(f.disclosed, ".DS_Store")
	delete(f.disclosed, ".git/config")
	require.NoError(t, os.Mkdir(filepath.Join(f.path, "empty"), 0o700))
	return f
}

func (f *ward) put(t *testing.T, path, lies, disclosed string) {
	t.Helper()
	f.lies[path], f.disclosed[path] = lies, disclosed
	at := filepath.Join(f.path, path)
	require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o700))
	require.NoError(t, os.WriteFile(at, []byte(lies), 0o600))
}

type text struct{ *strings.Reader }

func (text) Close() error { return nil }

// stream is what is sealed.
func (f *ward) stream(t *testing.T) string {
	t.Helper()
	var files []folder.File
	for path, content := range f.disclosed {
		files = append(files, folder.File{Path: path, Size: uint64(len(content))})
	}
	m, err := folder.New(files)
	require.NoError(t, err)
	j := m.Join(func(file folder.File) (folder.Source, error) {
		return text{strings.NewReader(f.disclosed[file.Path])}, nil
	})
	b, err := io.ReadAll(io.NewSectionReader(j, 0, int64(j.Size())))
	require.NoError(t, err)
	return string(b)
}

func (w *world) sellWard(t *testing.T, s *seller.Service) model.Sale {
	t.Helper()
	return w.reaches(t, s, w.sell(t, s), model.SaleCertified)
}

func TestSellFolder(t *testing.T) {
	inFolderWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, f *ward) {
		data, err := s.GetData(t.Context(), "ward")
		require.NoError(t, err)
		require.Equal(t, criteria.Folder, data.MediaType)
		require.Equal(t, 4, data.Files)
		require.EqualValues(t, 2*recordCount+1, data.Records)
		require.Equal(t, []string{"/age", "/id", "/name"}, data.Fields)
		preview, err := s.Preview(t.Context(), w.order(), nil)
		require.NoError(t, err)
		require.Empty(t, preview.Findings)
		require.EqualValues(t, 2*recordCount+1, preview.Records)
		require.True(t, strings.HasPrefix(string(preview.Sample), `{"id":"p0-`), "%s", preview.Sample)

		sale := w.sellWard(t, s)
		require.EqualValues(t, 2*recordCount+1, sale.Records)
		for path, want := range f.disclosed {
			got, err := os.ReadFile(filepath.Join(sale.Disclosed, "files", path))
			require.NoError(t, err)
			require.Equal(t, want, string(got), path)
		}
		w.chain.move(sale.Deal, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		w.requireSoldOnce(t, s, 0)
		require.Equal(t, w.plain, w.open(t, w.chain.deals[0]))
		left, err := filepath.Glob(filepath.Join(w.folder, ".unfinished-*"))
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

// Of a folder that is served from one copy, the files that are disclosed to the
// last byte are not copied, and whatever changes is noticed.
func TestFolderOfOneCopy(t *testing.T) {
	inFolderWorld(t, 1, func(t *testing.T, w *world, s *seller.Service, f *ward) {
		sale := w.sellWard(t, s)
		info, err := w.blobs.Stat(t.Context(), sale.Dataset.Root)
		require.NoError(t, err)
		require.True(t, info.TreeOnly)
		require.NoFileExists(t, filepath.Join(sale.Disclosed, "files/2023/visits.ndjson"), "no copy")
		copied := filepath.Join(sale.Disclosed, "files/2024/visits.ndjson")
		require.FileExists(t, copied)
		good, err := w.pull(sale.Dataset.Root)
		require.NoError(t, err)
		w.stop(t, s) // what is served after a restart was not sealed anew
		s = w.start(t)
		w.reaches(t, s, sale.ID, model.SaleCertified)

		// A file of the seller's is edited, longer or not.
		for _, edit := range []string{f.lies["2023/visits.ndjson"] + "{}\n", strings.ToUpper(f.lies["2023/visits.ndjson"])} {
			f.put(t, "2023/visits.ndjson", edit, "")
			_, err = s.Ciphertext(t.Context(), sale.Dataset.Root)
			require.ErrorIs(t, err, seller.ErrSource)
			w.until(t, func() bool { return strings.Contains(w.sale(t, s, sale.ID).Reason, "put it back") })
			_, err = s.AddData(t.Context(), f.path, "", "", nil)
			require.ErrorIs(t, err, pdx.ErrWrongState, "another folder while it is on sale")
		}
		f.put(t, "2023/visits.ndjson", w.lines(), "")
		_, err = s.AddData(t.Context(), f.path, "", "", nil)
		require.NoError(t, err, "added again, it is the same")
		w.requireServes(t, sale, good)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Reason == "" })

		// One of the copies goes away, or is another of its size: then nothing of it
		// leaves, whatever its time says.
		text, err := os.ReadFile(copied)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(copied, []byte("short"), 0o600))
		_, err = s.Ciphertext(t.Context(), sale.Dataset.Root)
		require.ErrorIs(t, err, seller.ErrSource)
		require.NoError(t, os.WriteFile(copied, []byte(strings.ToUpper(string(text))), 0o600))
		_, err = w.pull(sale.Dataset.Root)
		require.ErrorIs(t, err, pdx.ErrCorrupt)
		require.NoError(t, os.WriteFile(copied, text, 0o600))
		w.requireServes(t, sale, good)

		away := sale.Disclosed + ".away"
		require.NoError(t, os.Rename(sale.Disclosed, away))
		_, err = s.Ciphertext(t.Context(), sale.Dataset.Root)
		require.ErrorIs(t, err, seller.ErrSource)
		require.NoError(t, os.Rename(away, sale.Disclosed))
		w.requireServes(t, sale, good)

		w.chain.move(sale.Deal, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
	})
}

// lines is what lies in the first file of a ward.
func (w *world) lines() string {
	var b strings.Builder
	for i := range recordCount {
		fmt.Fprintf(&b, "{\"id\":%q,\"age\":%d}\n", fmt.Sprintf("p%d%s", i, strings.Repeat("-", 200)), i%90)
	}
	return b.String()
}

func (w *world) requireServes(t *testing.T, sale model.Sale, good []byte) {
	t.Helper()
	again, err := w.pull(sale.Dataset.Root)
	require.NoError(t, err)
	require.Equal(t, string(good), string(again))
}

// A folder that changed since it was added is not sold.
func TestFolderThatChanged(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, f *ward){
		"a file more":       func(t *testing.T, f *ward) { f.put(t, "new.ndjson", "{}", "") },
		"a file less":       func(t *testing.T, f *ward) { require.NoError(t, os.Remove(filepath.Join(f.path, "none.jsonl"))) },
		"a file of another": func(t *testing.T, f *ward) { f.put(t, "none.jsonl", `{"id":"y"}`, "") },
		"a file renamed": func(t *testing.T, f *ward) {
			require.NoError(t, os.Rename(filepath.Join(f.path, "none.jsonl"), filepath.Join(f.path, "some.jsonl")))
		},
		"a link": func(t *testing.T, f *ward) {
			require.NoError(t, os.Remove(filepath.Join(f.path, "none.jsonl")))
			require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(f.path, "none.jsonl")))
		},
		"no folder": func(t *testing.T, f *ward) { require.NoError(t, os.RemoveAll(f.path)) },
	} {
		t.Run(name, func(t *testing.T) {
			inFolderWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, f *ward) {
				change(t, f)
				_, err := s.Sell(t.Context(), w.order())
				require.ErrorIs(t, err, records.ErrChanged)
				_, err = s.Preview(t.Context(), w.order(), nil)
				require.ErrorIs(t, err, records.ErrChanged)
			})
		})
	}
	inFolderWorld(t, 0, func(t *testing.T, w *world, s *seller.Service, f *ward) {
		f.put(t, ".DS_Store", "what the machine keeps", "")
		_, err := s.Preview(t.Context(), w.order(), nil)
		require.NoError(t, err, "hidden files are none of it")
	})
}

func TestFoldersThatCannotBeSold(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, f *ward)
		says  string
	}{
		"a link": {func(t *testing.T, f *ward) {
			require.NoError(t, os.Symlink("none.jsonl", f.path+"/l.json"))
		}, `"l.json" is a link`},
		"a link to a folder": {func(t *testing.T, f *ward) { require.NoError(t, os.Symlink("2024", f.path+"/now")) }, `"now" is a link`},
		"a pipe": {func(t *testing.T, f *ward) {
			require.NoError(t, syscall.Mkfifo(f.path+"/2024/p.json", 0o600))
		}, `"2024/p.json" is not a file but a pipe`},
		"an image":      {func(t *testing.T, f *ward) { f.put(t, "2024/scan.png", "x", "") }, `"2024/scan.png"`},
		"no records":    {func(t *testing.T, f *ward) { f.put(t, "2024/bad.json", "[1", "") }, `"2024/bad.json"`},
		"a device":      {func(t *testing.T, f *ward) { f.put(t, "aux.json", "{}", "") }, `"aux.json"`},
		"two of a name": {func(t *testing.T, f *ward) { f.put(t, "NONE.jsonl", "{}", "") }, `"none.jsonl"`},
		"a backslash":   {func(t *testing.T, f *ward) { f.put(t, `a\b.json`, "{}", "") }, `a\\b.json`},
		"nothing": {func(t *testing.T, f *ward) {
			require.NoError(t, os.RemoveAll(f.path))
			f.put(t, ".hidden", "", "")
		}, "no files"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			f := newWard(t)
			c.spoil(t, f)
			_, err := w.service(t).AddData(t.Context(), f.path, "", "", nil)
			require.ErrorIs(t, err, pdx.ErrInvalid)
			require.ErrorContains(t, err, c.says)
		})
	}
	w, f := newWorld(t), newWard(t)
	_, err := w.service(t).AddData(t.Context(), f.path, "", criteria.NDJSON, nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = w.service(t).AddData(t.Context(), filepath.Join(f.path, "2024/visits.ndjson"), "", criteria.Folder, nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = w.service(t).AddData(t.Context(), f.path+"?", "", "", nil)
	require.ErrorIs(t, err, pdx.ErrNotFound)

	d, err := w.service(t).AddData(t.Context(), f.path, "ward", "", nil)
	require.NoError(t, err)
	_, err = w.service(t).Preview(t.Context(), model.Order{Pool: 7, Data: d.ID, Optional: true, Agreed: []uint32{1}}, nil)
	require.ErrorContains(t, err, "the pool wants application/x-ndjson", "who wants lines is not sold a folder")
	require.False(t, d.Changed)
	later := time.Now().Add(time.Hour)
	require.NoError(t, errors.Join(os.Chtimes(filepath.Join(f.path, "none.jsonl"), later, later)))
	d, err = w.service(t).GetData(t.Context(), d.ID)
	require.NoError(t, err)
	require.True(t, d.Changed)
}
