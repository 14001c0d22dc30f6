package jail_test

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	pf "github.com/medibloc/pdx/criteria/format/parquet"
)

// binaryFiles has a small file of each binary format, by its media type.
func binaryFiles(t *testing.T) map[string][]byte {
	t.Helper()
	return map[string][]byte{pf.MediaType: parquetFile(t)}
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
