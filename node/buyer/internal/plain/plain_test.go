package plain_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/buyer/internal/output"
	"github.com/medibloc/pdx/node/buyer/internal/plain"
	"github.com/medibloc/pdx/node/model"
)

const wanted = `{"version":3,"title":"Visits","description":"of two years","media_type":%q,"unique":%s,
	"schema":{"properties":{"id":{"type":"string","description":"Who it is."},"seen":{"type":"string","format":"date"},
		"age":{"type":"integer"}}},
	"fields":[{"pointer":"/id","required":true,"purpose":"to tell people apart"},{"pointer":"/name","required":true,"purpose":"to greet"},
		{"pointer":"/age","required":true,"purpose":"to count"},{"pointer":"/seen","purpose":"to date"},
		{"pointer":"/path","required":true,"purpose":"p"},{"pointer":"/size","required":true,"purpose":"p"},
		{"pointer":"/blake3","required":true,"purpose":"p"}]}`

// bought is what lies on a buyer's disk.
type bought struct {
	t    *testing.T
	dir  string
	job  plain.Job
	last pdx.DealID
}

func newBought(t *testing.T, mediaType, unique string) *bought {
	t.Helper()
	doc, err := criteria.Parse(fmt.Appendf(nil, wanted, mediaType, unique))
	require.NoError(t, err)
	b := &bought{t: t, dir: t.TempDir()}
	b.job = plain.Job{
		ChainID: "chain-1", Document: doc, Formats: criteria.Formats(), Engine: criteria.InProcess(criteria.Formats()),
		Pool:   pdx.Pool{ID: 7, Terms: []pdx.Term{{ID: 1, Title: "Research only", Description: "No resale"}}},
		Order:  model.PlainOrder{Pool: 7, Out: filepath.Join(b.dir, "plain"), Format: model.PlainNDJSON},
		Report: func(pdx.Progress) {},
	}
	return b
}

// file lays a dataset that is a file.
func (b *bought) file(text string) {
	b.last++
	path := filepath.Join(b.dir, fmt.Sprintf("records-%v", b.last))
	require.NoError(b.t, os.WriteFile(path, []byte(text), 0o600))
	b.job.Deals = append(b.job.Deals, plain.Deal{
		ID: b.last, Seller: "panacea1seller", Path: path, Size: uint64(len(text)), Hash: blake3.Sum256([]byte(text)),
	})
}

// folder lays a dataset that is a folder, with its manifest.
func (b *bought) folder(files ...string) {
	b.last++
	at := filepath.Join(b.dir, fmt.Sprintf("deal-%v", b.last), "records")
	m := output.Manifest{Deal: b.last}
	d := plain.Deal{ID: b.last, Seller: "panacea1seller", Path: at}
	for i := 0; i < len(files); i += 2 {
		path, text := filepath.Join(at, files[i]), files[i+1]
		require.NoError(b.t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(b.t, os.WriteFile(path, []byte(text), 0o600))
		m.Files = append(m.Files, output.ManifestFile{Path: files[i], Bytes: uint64(len(text)), Blake3: digest(text)})
		d.Size += uint64(len(text))
	}
	raw, err := json.Marshal(m)
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(filepath.Join(filepath.Dir(at), output.ManifestName), raw, 0o600))
	b.job.Deals = append(b.job.Deals, d)
}

func digest(text string) string {
	sum := blake3.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (b *bought) run() model.Plain {
	b.t.Helper()
	require.NoError(b.t, b.job.Check())
	done, err := b.job.Run(b.t.Context())
	require.NoError(b.t, err)
	require.NoDirExists(b.t, b.hidden())
	return done
}

// hidden is where the folder lies while it is written.
func (b *bought) hidden() string {
	return filepath.Join(filepath.Dir(b.job.Order.Out), ".pdx-open-"+filepath.Base(b.job.Order.Out)+".part")
}

// written are the files that were written, all of which have the digests that are said.
func (b *bought) written(done model.Plain) map[string]string {
	b.t.Helper()
	found, said := map[string]string{}, map[string]model.PlainFile{}
	for _, f := range done.Files {
		said[f.Path] = f
	}
	sums, err := os.ReadFile(filepath.Join(b.job.Order.Out, "SHA256SUMS"))
	require.NoError(b.t, err)
	require.NoError(b.t, filepath.WalkDir(b.job.Order.Out, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(b.job.Order.Out, path)
		name = filepath.ToSlash(name)
		require.Equal(b.t, sha256.Sum256(raw), said[name].SHA256, name)
		require.EqualValues(b.t, len(raw), said[name].Size)
		if name != "SHA256SUMS" {
			require.Contains(b.t, string(sums), fmt.Sprintf("%x  %s\n", sha256.Sum256(raw), name))
		}
		found[name] = string(raw)
		return err
	}))
	require.Len(b.t, found, len(done.Files))
	return found
}

const (
	first  = `{"id":"1","name":"Ada","age":40}` + "\n" + `{"id":"2","name":"Bo"}` + "\n"
	second = `{"age":40.0, "id":"1","name":"Ada"}` + "\n" + "{\n" + `{"id":"2","name":"Bob"}` + "\n" + `{"id":"3","seen":"2024-02-29"}` + "\n"
)

func TestPerDeal(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"]]`)
	b.file(first)
	b.file(second)
	files := b.written(b.run())
	require.Equal(t, first, files["deal-1.ndjson"])
	require.Equal(t, `{"age":40.0,"id":"1","name":"Ada"}`+"\n"+`{"id":"2","name":"Bob"}`+"\n"+`{"id":"3","seen":"2024-02-29"}`+"\n",
		files["deal-2.ndjson"])
	require.Equal(t, `{"deal":2,"record":2,"why":"unreadable","rule":"json"}`+"\n", files["left-out.ndjson"])

	b.job.Order.Out, b.job.Order.Format = filepath.Join(b.dir, "a", "tables"), model.PlainCSV
	files = b.written(b.run())
	require.Equal(t, "id,name,age,seen\n1,Ada,40,\n2,Bo,,\n", files["deal-1.csv"], "all tables have the same columns")
	require.Equal(t, "id,name,age,seen\n1,Ada,40.0,\n2,Bob,,\n3,,,2024-02-29\n", files["deal-2.csv"])
}

// A merge takes each key once: of the same content it drops the later, of another content it
// lists the later.
func TestMerge(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"]]`)
	b.job.Order.Merge = true
	b.file(first)
	b.file(second)
	b.file(`{"id":"3","seen":"2024-02-29"}`)
	done := b.run()
	files := b.written(done)
	require.Equal(t, first+`{"id":"3","seen":"2024-02-29"}`+"\n", files["records.ndjson"])
	require.Equal(t, `{"deal":2,"record":2,"why":"unreadable","rule":"json"}`+"\n"+
		`{"deal":2,"record":3,"why":"conflict","key":["/id"],"kept_deal":1,"kept_record":2,"value":{"id":"2","name":"Bob"}}`+"\n",
		files["left-out.ndjson"])
	require.Equal(t, []model.PlainDeal{
		{Deal: 1, Read: 2, First: 1, Kept: 2},
		{Deal: 2, Read: 4, First: 3, Kept: 1, Duplicates: 1, Conflicts: 1, Unreadable: 1},
		{Deal: 3, Read: 1, Duplicates: 1},
	}, done.Deals)
	for _, d := range done.Deals {
		require.Equal(t, d.Read, d.Kept+d.Left())
	}
	require.Contains(t, files["report.json"], `"conflicts": 1`)
}

// With several keys a record of which any came before is no new one.
func TestMergeBySeveralKeys(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"],["/name","/age"]]`)
	b.job.Order.Merge = true
	b.file(`{"id":"1","name":"Ada","age":40}`)
	b.file(`{"id":"2","name":"Ada","age":40}` + "\n" + `{"id":"3","name":"Ada"}` + "\n" + `{"id":"1","name":"Ada","age":4e1}`)
	done := b.run()
	require.Equal(t, model.PlainDeal{Deal: 2, Read: 3, First: 2, Kept: 1, Conflicts: 1, Duplicates: 1}, done.Deals[1])
	require.Contains(t, b.written(done)["left-out.ndjson"], `"record":1,"why":"conflict","key":["/name","/age"],"kept_deal":1,"kept_record":1`)
}

func TestMergeWithoutKeys(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[]`)
	b.job.Order.Merge = true
	b.file(first)
	b.file(first)
	done := b.run()
	require.False(t, done.Keyed)
	require.Equal(t, first+first, b.written(done)["records.ndjson"])
}

// Files that have no records lie beside those that describe them.
func TestDescribedFiles(t *testing.T) {
	letter := "%PDF-1.7 \x00"
	line := fmt.Sprintf(`{"path":"a/letter.pdf","size":%d,"blake3":%q,"id":"1"}`, len(letter), digest(letter))
	b := newBought(t, criteria.Files, `[["/blake3"]]`)
	b.job.Order.Merge, b.job.Order.Format = true, model.PlainCSV
	b.folder("a/letter.pdf", letter, "files.ndjson", line+"\n")
	b.folder("a/letter.pdf", letter, "files.ndjson", line+"\n")
	done := b.run()
	files := b.written(done)
	require.Equal(t, letter, files["deal-1/a/letter.pdf"])
	require.Equal(t, letter, files["deal-2/a/letter.pdf"], "its record is a duplicate, and it was bought all the same")
	require.Equal(t, fmt.Sprintf("path,size,blake3,id\na/letter.pdf,%d,%s,1\n", len(letter), digest(letter)), files["records.csv"])
}

func TestFolders(t *testing.T) {
	b := newBought(t, criteria.Folder, `[["/id"]]`)
	b.job.Order.Merge, b.job.Order.Format = true, model.PlainCSV
	b.folder("a.ndjson", first, "b/c.csv", "id,age\n3,7\n2,9\n")
	done := b.run()
	require.Equal(t, "id,name,age\n1,Ada,40\n2,Bo,\n3,,7\n", b.written(done)["records.csv"])
	require.Contains(t, b.written(done)["left-out.ndjson"], `"deal":1,"record":4,"why":"conflict","key":["/id"],"kept_deal":1,"kept_record":2`)
}

func TestCroissant(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"]]`)
	b.job.Order.Merge, b.job.Order.Format = true, model.PlainParquet
	b.file(second)
	files := b.written(b.run())
	var c struct {
		Context      map[string]any `json:"@context"`
		Type         string         `json:"@type"`
		ConformsTo   string         `json:"conformsTo"`
		Name         string         `json:"name"`
		Description  string         `json:"description"`
		License      map[string]any `json:"license"`
		Distribution []struct {
			Type     string `json:"@type"`
			ID       string `json:"@id"`
			Size     string `json:"contentSize"`
			SHA256   string `json:"sha256"`
			Encoding string `json:"encodingFormat"`
		} `json:"distribution"`
		RecordSet []struct {
			Key   []map[string]string `json:"key"`
			Field []struct {
				ID, Name, Description, DataType string
				Source                          map[string]map[string]string
			} `json:"field"`
		} `json:"recordSet"`
	}
	require.NoError(t, json.Unmarshal([]byte(files["croissant.json"]), &c))
	require.Equal(t, "http://mlcommons.org/croissant/1.1", c.ConformsTo)
	require.Equal(t, "sc:Dataset pool-7 Visits: of two years", strings.Join([]string{c.Type, c.Name, c.Description}, " "))
	require.Equal(t, "Research only: No resale", c.License["text"])
	require.Len(t, c.Distribution, 2)
	records := c.Distribution[0]
	require.Equal(t, "cr:FileObject records.parquet application/x-parquet",
		strings.Join([]string{records.Type, records.ID, records.Encoding}, " "))
	require.Equal(t, fmt.Sprintf("%d B", len(files["records.parquet"])), records.Size)
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte(files["records.parquet"]))), records.SHA256)
	require.Equal(t, []map[string]string{{"@id": "records/id"}}, c.RecordSet[0].Key)
	var says []string
	for _, f := range c.RecordSet[0].Field {
		says = append(says, f.Name+": "+f.Description+" "+f.DataType+" "+f.Source["extract"]["column"]+" of "+f.Source["fileObject"]["@id"])
	}
	require.Equal(t, []string{
		"age: to count sc:Float age of records.parquet", "id: Who it is. sc:Text id of records.parquet",
		"name: to greet sc:Text name of records.parquet", "seen: to date sc:Date seen of records.parquet",
	}, says)
}

// Nothing is written over, what was changed is not taken for what was bought, and what fails
// leaves nothing.
func TestRefusals(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"]]`)
	b.file(first)
	require.NoError(t, os.Mkdir(b.job.Order.Out, 0o700))
	require.ErrorIs(t, b.job.Check(), pdx.ErrWrongState)
	require.NoError(t, os.Remove(b.job.Order.Out))
	b.job.Order.Format = "xlsx"
	require.ErrorIs(t, b.job.Check(), pdx.ErrInvalid)
	b.job.Order.Format, b.job.Order.Spreadsheet = model.PlainNDJSON, true
	require.ErrorIs(t, b.job.Check(), pdx.ErrInvalid)
	b.job.Order.Spreadsheet = false

	changed := strings.Replace(first, "Ada", "Eve", 1)
	require.NoError(t, os.WriteFile(b.job.Deals[0].Path, []byte(changed), 0o600))
	require.NoError(t, b.job.Check(), "the size is the same")
	_, err := b.job.Run(t.Context())
	require.ErrorContains(t, err, "is not as it was bought")
	require.NoError(t, os.WriteFile(b.job.Deals[0].Path, []byte(first+" "), 0o600))
	require.ErrorIs(t, b.job.Check(), pdx.ErrWrongState)
	require.NoError(t, os.Remove(b.job.Deals[0].Path))
	require.ErrorIs(t, b.job.Check(), pdx.ErrNotFound)
	require.ErrorContains(t, b.job.Check(), "pdx pull 7 --deal 1")
	b.nothing()
}

// nothing is what a call that failed leaves.
func (b *bought) nothing() {
	b.t.Helper()
	require.NoFileExists(b.t, b.job.Order.Out)
	require.NoDirExists(b.t, b.hidden())
}

// A call that ends at any report leaves nothing; what a crash left is swept by the next.
func TestInterrupted(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"]]`)
	b.job.Order.Format = model.PlainCSV
	b.file(strings.Repeat(`{"id":"1","name":"`+strings.Repeat("x", 1000)+`"}`+"\n", 3000))
	for _, step := range []pdx.Stage{plain.StepReading, plain.StepWriting} {
		ctx, cancel := context.WithCancel(t.Context())
		b.job.Report = func(p pdx.Progress) {
			if p.Stage == step {
				cancel()
			}
		}
		_, err := b.job.Run(ctx)
		require.ErrorIs(t, err, context.Canceled)
		b.nothing()
	}
	require.NoError(t, os.MkdirAll(filepath.Join(b.hidden(), "deal-1"), 0o700))
	b.job.Report = func(pdx.Progress) {}
	b.written(b.run())
}

func TestPlan(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"]]`)
	b.file(first)
	b.file(second)
	var names []string
	for _, f := range b.job.Plan().Files {
		names = append(names, f.Path)
	}
	require.Equal(t, "deal-1.ndjson deal-2.ndjson croissant.json report.json SHA256SUMS", strings.Join(names, " "))
	b.job.Order.Merge = true
	require.Equal(t, "records.ndjson", b.job.Plan().Files[0].Path)
	b.nothing()
}

// Memory does not grow with the records of a merge.
func TestMemory(t *testing.T) {
	b := newBought(t, criteria.NDJSON, `[["/id"]]`)
	b.job.Order.Merge = true
	var text bytes.Buffer
	for n := range 4 {
		text.Reset()
		for i := range 2_000 {
			fmt.Fprintf(&text, `{"id":"%d","name":"%02700d"}`+"\n", n*1_000+i, i) // half of them came before, as others
		}
		b.file(text.String())
	}
	text = bytes.Buffer{}
	most := uint64(0)
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before := stats.HeapAlloc
	b.job.Report = func(pdx.Progress) {
		runtime.GC()
		runtime.ReadMemStats(&stats)
		most = max(most, stats.HeapAlloc)
	}
	done := b.run()
	require.EqualValues(t, 1_000, done.Deals[3].Conflicts)
	require.NotZero(t, most)
	require.Less(t, most-min(before, most), uint64(8<<20), "22 MB of records, and 5,000 keys")
}
