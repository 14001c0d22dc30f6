package integration_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// describe begins the record of a file in files.ndjson.
func describe(path, text, kind string) string {
	return fmt.Sprintf(`{"path":%q,"size":%d,"blake3":"%x","type":%q`, path, len(text), blake3.Sum256([]byte(text)), kind)
}

// pdf is a document of one page.
func pdf() string {
	text, offsets := "%PDF-1.7\n", []int{}
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", "<</Title(Letter)>>",
	} {
		offsets = append(offsets, len(text))
		text += fmt.Sprintf("%d 0 obj%s endobj\n", i+1, object)
	}
	table := len(text)
	text += fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		text += fmt.Sprintf("%010d 00000 n \n", at)
	}
	return text + fmt.Sprintf("trailer<</Size %d/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, table)
}

// sellsFormats sells a CSV file from Excel, a FHIR Bundle, a PDF with a sidecar, and DICOM
// files with one: what validators accept and the buyer opens is what was disclosed, as files
// of the same format, and as plain files.
func sellsFormats(t *testing.T, m *market.Market, seller *procs.Member) {
	letter, image := pdf(), string(scan(m))
	list := describe("letter.pdf", letter, "application/pdf") + `,"id":"1"`
	scans := describe("a/1.dcm", image, "application/dicom") + `,"id":"1"}` + "\n" +
		describe("a/2.dcm", image, "application/dicom") + `,"id":"2"}` + "\n"
	type goods struct {
		records   int
		file      string // name below the folder of the goods
		files     map[string]string
		mediaType string
		fields    []string
		want      map[string]string // by path below what was bought; "" is a file
	}
	sales, wanted := map[string]*nodepb.Sale{}, map[string]goods{
		"table": {
			2, "visits.csv",
			map[string]string{"": "\ufeffid,name,age\r\n1,\"Kim, A\",40\r\n2,\"Ann\",\r\n"},
			criteria.CSV,
			[]string{"/id", "/age"},
			map[string]string{"": "id,age\n1,40\n2,\n"},
		},
		"bundle": {
			1, "export.json",
			map[string]string{"": `{"resourceType":"Bundle","type":"searchset","entry":[
				{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"1","name":[]}},
				{"resource":{"resourceType":"Encounter","id":"2"}}]}`},
			criteria.FHIR,
			[]string{"/id", "/resourceType"},
			map[string]string{"": `{"resourceType":"Bundle","type":"collection","entry":[` + "\n" +
				`{"resource":{"resourceType":"Patient","id":"1"}}` + "\n]}\n"},
		},
		"letters": {
			1, "letters",
			map[string]string{"letter.pdf": letter, "files.ndjson": list + `,"author":"Kim"}`},
			criteria.Files,
			[]string{"/path", "/size", "/blake3", "/type", "/id"},
			map[string]string{"letter.pdf": letter, "files.ndjson": list + "}\n"},
		},
		"scans": {
			2, "scans",
			map[string]string{"a/1.dcm": image, "a/2.dcm": image, "files.ndjson": scans},
			criteria.Files,
			[]string{"/path", "/size", "/blake3", "/type", "/id"},
			map[string]string{"a/1.dcm": image, "a/2.dcm": image, "files.ndjson": scans},
		},
	}
	pools, bought := map[string]uint64{}, map[string]string{}
	for name, g := range wanted {
		at := filepath.Join(m.Dir, g.file)
		for path, text := range g.files {
			m.Must(os.MkdirAll(filepath.Dir(filepath.Join(at, path)), 0o700), "make a folder")
			m.Must(os.WriteFile(filepath.Join(at, path), []byte(text), 0o600), "write a file")
		}
		m.AddFile(seller, name, at)
		pool := m.OpenPool(market.Pool{Criteria: criteriaFor(g.mediaType, g.fields)})
		m.Pull(pool)
		pools[name] = pool
		sales[name] = m.Sell(seller, pool, name)
	}
	for name, g := range wanted {
		sales[name] = m.WaitSale(seller, sales[name].Id, pdx.DealFinal)
		pull := m.Opened(sales[name])
		bought[name] = pull.Path
		if text, file := g.want[""]; file {
			got, err := os.ReadFile(pull.Path)
			m.Must(err, "read what was bought")
			require.Equal(t, text, string(got), name)
			require.EqualValues(t, g.records, pull.Records, name)
			continue
		}
		require.Equal(t, g.want, filesIn(m, pull.Path), name)
	}
	noted, err := seller.Client().GetData(t.Context(), &nodepb.GetDataRequest{Id: "table"})
	m.Must(err, "show data")
	require.Equal(t, []string{"byte_order_mark", "crlf"}, noted.Data.Notes)
	patients, letters := opened(m, pools["bundle"], "ndjson"), opened(m, pools["letters"], "csv")
	got, err := os.ReadFile(filepath.Join(patients, "records.ndjson"))
	m.Must(err, "read plain records")
	require.Equal(t, `{"resourceType":"Patient","id":"1"}`+"\n", string(got))
	readSold(
		t, m,
		soldCase{"a CSV file from Excel", bought["table"], "csv", []any{
			map[string]any{"id": "1", "age": "40"}, map[string]any{"id": "2", "age": ""},
		}},
		soldCase{"a FHIR Bundle", bought["bundle"], "bundle", []any{map[string]any{"resourceType": "Patient", "id": "1"}}},
		soldCase{"a FHIR Bundle, opened", patients, "croissant", []any{map[string]any{"resourceType": "Patient", "id": "1"}}},
		soldCase{"a PDF", filepath.Join(bought["letters"], "letter.pdf"), "pdf", map[string]any{"pages": 1, "title": "Letter"}},
		soldCase{
			"a PDF, opened", filepath.Join(letters, fmt.Sprintf("deal-%d", sales["letters"].DealId), "letter.pdf"), "pdf",
			map[string]any{"pages": 1, "title": "Letter"},
		},
		soldCase{
			"a folder of DICOM files", filepath.Join(bought["scans"], "a", "2.dcm"), "dicom",
			map[string]any{"patient": "a", "name": "Ada", "rows": 512},
		},
		soldCase{"the sidecar of DICOM files", filepath.Join(bought["scans"], "files.ndjson"), "ndjson", described(m, scans)},
	)
}

// described are the records of a sidecar.
func described(m *market.Market, lines string) (list []any) {
	for line := range strings.Lines(lines) {
		var record any
		m.Must(json.Unmarshal([]byte(line), &record), "read a record")
		list = append(list, record)
	}
	return list
}

// criteriaFor asks for fields of Patients, or of records without a type.
func criteriaFor(mediaType string, fields []string) []byte {
	var asked []string
	for _, field := range fields {
		asked = append(asked, fmt.Sprintf(`{"pointer":%q,"required":true,"purpose":"The study."}`, field))
	}
	return fmt.Appendf(nil, `{"version":2,"title":"Records of a format","media_type":%q,"unique":[["/id"]],"fields":[%s],
		"schema":{"required":["id"],"properties":{"age":{"type":"integer"},"resourceType":{"const":"Patient"}}}}`,
		mediaType, strings.Join(asked, ","))
}
