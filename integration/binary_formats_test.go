package integration_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

type measurement struct {
	Patient string   `parquet:"patient"`
	Name    string   `parquet:"name"`
	Rate    *float64 `parquet:"rate,optional"`
	Notes   []string `parquet:"notes,list"`
}

// sellsBinary sells a Parquet file and a DICOM file. What the buyer has is read by the
// libraries, and has what was disclosed. A file made to do harm is refused by name.
func sellsBinary(t *testing.T, m *market.Market, seller *procs.Member) {
	status, err := seller.Client().Status(t.Context(), &nodepb.StatusRequest{})
	m.Must(err, "read the status")
	require.True(t, slices.ContainsFunc(status.Health, func(h *nodepb.Health) bool {
		return h.Part == "jail" && h.Ok && strings.Contains(h.Message, "child process")
	}), "%v", status.Health)

	harm := filepath.Join(m.Dir, "harm.parquet")
	m.Must(os.WriteFile(harm, []byte("PAR1PAR1"), 0o600), "write a file")
	_, err = api.AddData(t.Context(), seller.Client(), &nodepb.AddDataRequest{Path: harm}, nil)
	require.ErrorContains(t, err, "the Parquet file is damaged")

	rate := 61.5
	var table bytes.Buffer
	m.Must(parquet.Write(&table, []measurement{{"a", "Ada", &rate, []string{"x", "y"}}, {"b", "Bo", nil, nil}}), "write rows")
	rows := sellsOne(m, seller, "rates.parquet", table.Bytes(), criteria.Parquet, "/patient", "/rate", "/notes")
	image := sellsOne(m, seller, "scan.dcm", scan(m), criteria.DICOM, "/PatientID", "/RequestAttributesSequence/CodeValue", "/Rows")

	sale := rows()
	path := m.Opened(sale).Path
	got, err := parquet.ReadFile[measurement](path)
	m.Must(err, "read the rows that were bought")
	require.Equal(t, []measurement{{"a", "", &rate, []string{"x", "y"}}, {"b", "", nil, []string{}}}, got)
	pulled := m.Opened(image())
	require.EqualValues(t, 1, pulled.Records)
	set, err := dicom.ParseFile(pulled.Path, nil)
	m.Must(err, "read the header that was bought")
	id, err := set.FindElementByTag(tag.PatientID)
	m.Must(err, "find what was disclosed")
	require.Equal(t, []string{"a"}, id.Value.GetValue())
	raw, err := os.ReadFile(pulled.Path)
	m.Must(err, "read what was bought")
	require.NotContains(t, string(raw), "Ada")

	read := []any{map[string]any{"patient": "a", "rate": 61.5, "notes": []any{"x", "y"}}, map[string]any{"patient": "b", "notes": []any{}}}
	readSold(
		t, m,
		soldCase{"a Parquet file", path, "parquet", read},
		soldCase{"a Parquet file, opened", opened(m, sale.PoolId, "parquet"), "croissant", read},
		soldCase{"a DICOM file", pulled.Path, "dicom", map[string]any{"patient": "a", "name": "", "rows": 512}},
	)
}

// sellsOne opens a pool, sells a file into it and orders it. What it returns waits until the
// deal is final.
func sellsOne(m *market.Market, seller *procs.Member, name string, data []byte, mediaType string, fields ...string) func() *nodepb.Sale {
	doc := criteria.Document{Version: 2, Title: name, MediaType: mediaType, Schema: []byte(`{"type":"object"}`)}
	for _, field := range fields {
		doc.Fields = append(doc.Fields, criteria.Field{Pointer: field, Required: true, Purpose: "The study."})
	}
	wanted, err := doc.Encode()
	m.Must(err, "write criteria")
	path := filepath.Join(m.Dir, name)
	m.Must(os.WriteFile(path, data, 0o600), "write a file")
	m.AddFile(seller, name, path)
	pool := m.OpenPool(market.Pool{Criteria: wanted})
	sale := m.Sell(seller, pool, name)
	m.Pull(pool)
	return func() *nodepb.Sale { return m.WaitSale(seller, sale.Id, pdx.DealFinal) }
}

// scan is a DICOM file with a name and a sequence.
func scan(m *market.Market) []byte {
	element := func(tag tag.Tag, data any) *dicom.Element {
		e, err := dicom.NewElement(tag, data)
		m.Must(err, "make an element")
		return e
	}
	var b bytes.Buffer
	m.Must(dicom.Write(&b, dicom.Dataset{Elements: []*dicom.Element{
		element(tag.TransferSyntaxUID, []string{"1.2.840.10008.1.2.1"}),
		element(tag.MediaStorageSOPClassUID, []string{"1.2.840.10008.5.1.4.1.1.2"}),
		element(tag.MediaStorageSOPInstanceUID, []string{"1.2.3"}),
		element(tag.PatientName, []string{"Ada"}),
		element(tag.PatientID, []string{"a"}),
		element(tag.Rows, []int{512}),
		element(tag.RequestAttributesSequence, [][]*dicom.Element{{element(tag.CodeValue, []string{"C"})}}),
	}}), "write a header")
	return b.Bytes()
}
