package seller_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zstandard(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	return string(w.EncodeAll([]byte(text), nil))
}

// goods are data of a format, and what of them is sealed.
type goods struct {
	name      string // of the file, or of the folder
	files     map[string]string
	mediaType string
	disclosed string            // of a file
	folder    map[string]string // or of a folder
	sample    string            // in the preview
	records   uint64
	sold      uint64 // records, if they are not all
	required  string // pointers of the criteria, if they are not those of all others
}

// describe is the record of a file in files.ndjson.
func describe(t *testing.T, path, text, more string) string {
	t.Helper()
	sum := blake3.Sum256([]byte(text))
	return fmt.Sprintf(`{"path":%q,"size":%d,"blake3":"%x"%s}`, path, len(text), sum, more)
}

func everyFormat(t *testing.T) map[string]goods {
	long := strings.Repeat("-", 300)
	var sheet, columns, lines, part strings.Builder
	sheet.WriteString("\ufeffid,name,age\r\n")
	columns.WriteString("id,age\n")
	for i := range recordCount { // more than one segment of ciphertext
		fmt.Fprintf(&sheet, "\"p%d%s\",\"Kim, %d\",%d\r\n", i, long, i, i%90)
		fmt.Fprintf(&columns, "p%d%s,%d\n", i, long, i%90)
		fmt.Fprintf(&lines, "{\"id\": \"p%d%s\", \"name\": \"Kim %d\", \"age\": %d}\n", i, long, i, i%90)
		fmt.Fprintf(&part, "{\"id\":\"p%d%s\",\"age\":%d}\n", i, long, i%90)
	}
	letter, scan := "%PDF-1.7"+strings.Repeat("-", 70_000), gzipped(t, "an image")
	described := []string{
		describe(t, "a/letter.pdf", letter, `,"id":"p1","age":5`), describe(t, "scan.png.gz", scan, `,"id":"p2","secret":"SECRET"`),
	}
	part2 := describe(t, "scan.png.gz", scan, `,"id":"p2"`)
	return map[string]goods{
		"a CSV file from Excel": {
			name: "visits.csv", files: map[string]string{"": sheet.String()}, mediaType: criteria.CSV, disclosed: columns.String(),
			sample: `{"id":"p0` + long + `","age":0}`, records: recordCount,
		},
		"a CSV file in zstd": {
			name: "visits.CSV.zst", files: map[string]string{"": zstandard(t, sheet.String())}, mediaType: criteria.CSV, disclosed: columns.String(),
			sample: `{"id":"p0` + long + `","age":0}`, records: recordCount,
		},
		"NDJSON in gzip": {
			name: "visits.ndjson.gz", files: map[string]string{"": gzipped(t, lines.String())}, mediaType: criteria.NDJSON,
			disclosed: part.String(), sample: `{"id":"p0` + long + `","age":0}`, records: recordCount,
		},
		"a folder with a PDF and a scan": {
			name: "letters", mediaType: criteria.Files, records: 2, sample: described[0], required: "/path /size /blake3 /id",
			files:  map[string]string{"a/letter.pdf": letter, "scan.png.gz": scan, "files.ndjson": described[0] + "\r\n \n" + described[1]},
			folder: map[string]string{"a/letter.pdf": letter, "scan.png.gz": scan, "files.ndjson": described[0] + "\n" + part2 + "\n"},
		},
		"the Patients of a FHIR Bundle": {
			name: "export.json.gz", mediaType: criteria.FHIR, records: 3, sample: `{"id":"p1","age":5}`, sold: 2,
			files: map[string]string{"": gzipped(t, `{"resourceType":"Bundle","type":"searchset","total":3,"entry":[
				{"fullUrl":"urn:SECRET","resource":{"resourceType":"Patient","id":"p1","name":"SECRET","age":5}},
				{"resource":{"resourceType":"Condition","id":"SECRET"}},{"resource":{"resourceType":"Patient","id":"p2"}}]}`)},
			disclosed: `{"resourceType":"Bundle","type":"collection","entry":[` + "\n" + `{"resource":{"id":"p1","age":5}},` + "\n" +
				`{"resource":{"id":"p2"}}` + "\n]}\n",
		},
		"a folder with packed files": {
			name: "ward", files: map[string]string{"b.ndjson.gz": gzipped(t, lines.String()), "b.ndjson-2.csv": "id,x\nq,SECRET\n"},
			mediaType: criteria.Folder, folder: map[string]string{"b.ndjson": part.String(), "b.ndjson-2.csv": "id\nq\n"},
			sample: `{"id":"p0` + long + `","age":0}`, records: recordCount + 1,
		},
	}
}

// lay writes goods to the disk.
func (g goods) lay(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), g.name)
	for name, text := range g.files {
		at := filepath.Join(path, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o700))
		require.NoError(t, os.WriteFile(at, []byte(text), 0o600))
	}
	return path
}

// Data of every format are registered by their name, shown as they would leave, sold, and
// opened as what was disclosed of them.
func TestFormatsAreSold(t *testing.T) {
	for name, g := range everyFormat(t) {
		t.Run(name, func(t *testing.T) {
			path := g.lay(t)
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				required := ""
				for _, pointer := range strings.Fields(cmp.Or(g.required, "/id")) {
					required += fmt.Sprintf(`{"pointer":%q,"required":true,"purpose":"to count"},`, pointer)
				}
				doc := fmt.Appendf(nil, `{"version":2,"title":"t","media_type":%q,
					"schema":{"required":["id"],"properties":{"resourceType":{"const":"Patient"},"age":{"type":"integer"},"id":{"type":"string"}}},
					"fields":[%s{"pointer":"/age","purpose":"to know"}]}`, g.mediaType, required)
				w.docs[criteria.IDOf(doc)] = doc
				w.chain.pool.Criteria, w.chain.pool.MediaType = criteria.IDOf(doc), g.mediaType
				data, err := s.AddData(t.Context(), path, "goods", "", nil)
				require.NoError(t, err)
				require.Equal(t, g.mediaType, data.MediaType)
				require.Equal(t, g.records, data.Records)
				w.name, w.plain = "goods", g.disclosed
				if g.folder != nil {
					w.plain = (&ward{disclosed: g.folder}).stream(t)
				}
				preview, err := s.Preview(t.Context(), w.order(), nil)
				require.NoError(t, err)
				require.Empty(t, preview.Findings)
				require.Equal(t, cmp.Or(g.sold, g.records), preview.Records)
				require.Equal(t, g.sample, string(preview.Sample))

				w.reaches(t, s, w.sell(t, s), model.SaleFinal)
				w.requireSoldOnce(t, s, 0)
			})
		})
	}
}

func TestPackedDataThatCannotBeSold(t *testing.T) {
	for name, c := range map[string]struct{ file, text, says string }{
		"cut off":         {"a.ndjson.gz", gzipped(t, `{"id":"SECRET"}`)[:20], "the gzip data is cut off"},
		"not packed":      {"a.csv.gz", "\x1f\x8bnot gzip", "the gzip data is damaged"},
		"more behind":     {"a.json.zst", zstandard(t, `{"id":"SECRET"}`) + "SECRET", "something behind it"},
		"packed twice":    {"a.ndjson.gz", gzipped(t, gzipped(t, "{}")), "compressed with gzip"},
		"of no format":    {"a.png.gz", gzipped(t, "{}"), `a.png" has no known extension`},
		"empty":           {"a.ndjson.gz", gzipped(t, ""), "no records"},
		"a bad record":    {"a.ndjson.zst", zstandard(t, "{}\n{\n"), "record 2"},
		"a bad row":       {"a.csv.gz", gzipped(t, "a,b\n1,2\n3\n"), "line 3"},
		"a binary":        {"a.csv.gz", gzipped(t, "PAR1xxxx"), "Parquet"},
		"not what it was": {"a.json.gz", "PK\x03\x04xxxx", "ZIP"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.service(t).AddData(t.Context(), goods{name: c.file, files: map[string]string{"": c.text}}.lay(t), "", "", nil)
			require.ErrorIs(t, err, pdx.ErrInvalid)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "SECRET")
		})
	}
}

func TestFilesThatAreNotAsDescribed(t *testing.T) {
	letter := "%PDF-1.7 letter"
	list := describe(t, "letter.pdf", letter, "")
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"no description": {map[string]string{"letter.pdf": letter}, "`pdx data sidecar FOLDER`"},
		"a file more":    {map[string]string{"letter.pdf": letter, "x.png": "x", "files.ndjson": list}, `"x.png" is in the folder, and not`},
		"a file less":    {map[string]string{"x.png": "x", "files.ndjson": list}, `"letter.pdf" is listed, and not in the folder`},
		"another file":   {map[string]string{"letter.pdf": letter[1:] + "x", "files.ndjson": list}, `"letter.pdf" is another file`},
		"another size":   {map[string]string{"letter.pdf": letter + "x", "files.ndjson": list}, `"letter.pdf" has 16 bytes, and the list says`},
		"no JSON":        {map[string]string{"letter.pdf": letter, "files.ndjson": list + "\n{"}, "record 2"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.service(t).AddData(t.Context(), goods{name: "letters", files: c.files}.lay(t), "", "", nil)
			require.ErrorIs(t, err, pdx.ErrInvalid)
			require.ErrorContains(t, err, c.says)
		})
	}
	w := newWorld(t)
	path := goods{name: "letters", files: map[string]string{"letter.pdf": letter}}.lay(t)
	_, err := w.service(t).AddData(t.Context(), path, "", criteria.Files, nil)
	require.ErrorContains(t, err, "files.ndjson is missing")
}
