package integration_test

import (
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

// sellsFormats sells a CSV file from Excel, a FHIR Bundle and a PDF with a sidecar: what
// validators accept and the buyer opens is what was disclosed, as files of the same format.
func sellsFormats(t *testing.T, m *market.Market, seller *procs.Member) {
	const letter = "%PDF-1.7\n1 0 obj\n\x00\xff"
	list := fmt.Sprintf(`{"path":"letter.pdf","size":%d,"blake3":"%x","type":"application/pdf","id":"1"`,
		len(letter), blake3.Sum256([]byte(letter)))
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
	}
	for name, g := range wanted {
		at := filepath.Join(m.Dir, g.file)
		for path, text := range g.files {
			m.Must(os.MkdirAll(filepath.Dir(filepath.Join(at, path)), 0o700), "make a folder")
			m.Must(os.WriteFile(filepath.Join(at, path), []byte(text), 0o600), "write a file")
		}
		m.AddFile(seller, name, at)
		pool := m.OpenPool(market.Pool{Criteria: criteriaFor(g.mediaType, g.fields)})
		m.Pull(pool)
		sales[name] = m.Sell(seller, pool, name)
	}
	for name, g := range wanted {
		pull := m.Opened(m.WaitSale(seller, sales[name].Id, pdx.DealFinal))
		if text, file := g.want[""]; file {
			got, err := os.ReadFile(pull.Path)
			m.Must(err, "read what was bought")
			require.Equal(t, text, string(got), name)
			require.EqualValues(t, g.records, pull.Records, name)
			continue
		}
		require.Equal(t, g.want, filesIn(m, pull.Path), name)
	}
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
