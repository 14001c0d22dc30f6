package jail_test

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	lib "github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"

	"github.com/medibloc/pdx/criteria/format/dicom"
	pf "github.com/medibloc/pdx/criteria/format/parquet"
)

// binaryFiles has a small file of each binary format, by its media type.
func binaryFiles(t *testing.T) map[string][]byte {
	t.Helper()
	return map[string][]byte{pf.MediaType: parquetFile(t), dicom.MediaType: dicomFile(t)}
}

func parquetFile(t *testing.T) []byte {
	t.Helper()
	type visit struct {
		Code  string   `parquet:"code,dict"`
		Notes []string `parquet:"notes,list"`
	}
	type row struct {
		ID     int64   `parquet:"id,delta"`
		Name   *string `parquet:"name,optional"`
		Visits []visit `parquet:"visits,list"`
		Rate   float64 `parquet:"rate"`
		Price  int64   `parquet:"price,decimal(2:18)"`
	}
	rows, name := make([]row, 50), "Ada"
	for i := range rows {
		rows[i] = row{ID: int64(i), Rate: float64(i) / 3, Price: int64(i), Visits: []visit{{"A", []string{"n"}}, {"B", nil}}[:i%3]}
		if i%2 == 0 {
			rows[i].Name = &name
		}
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b, parquet.MaxRowsPerRowGroup(30), parquet.Compression(&parquet.Snappy))
	_, err := w.Write(rows)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// dicomFile is a header with sequences, written by another implementation.
func dicomFile(t *testing.T) []byte {
	t.Helper()
	element := func(tag tag.Tag, data any) *lib.Element {
		e, err := lib.NewElement(tag, data)
		require.NoError(t, err)
		return e
	}
	code := element(tag.ScheduledProtocolCodeSequence, [][]*lib.Element{{element(tag.CodeValue, []string{"C"})}})
	set := lib.Dataset{Elements: []*lib.Element{
		element(tag.TransferSyntaxUID, []string{"1.2.840.10008.1.2.1"}),
		element(tag.MediaStorageSOPClassUID, []string{"1.2.840.10008.5.1.4.1.1.2"}),
		element(tag.MediaStorageSOPInstanceUID, []string{"1.2.3"}),
		element(tag.ImageType, []string{"ORIGINAL", "PRIMARY"}),
		element(tag.SOPInstanceUID, []string{"1.2.3"}),
		element(tag.StudyDate, []string{"20240229"}),
		element(tag.PatientName, []string{"Doe^Ada"}),
		element(tag.PatientWeight, []string{"61.5"}),
		element(tag.Rows, []int{2}),
		element(tag.Columns, []int{2}),
		element(tag.RequestAttributesSequence, [][]*lib.Element{{element(tag.ScheduledProcedureStepDescription, []string{"x"}), code}}),
	}}
	var b bytes.Buffer
	require.NoError(t, lib.Write(&b, set))
	return b.Bytes()
}
