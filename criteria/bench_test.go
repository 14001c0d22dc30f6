package criteria

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

// flatTable is a table of 20 columns, half of them numbers, as CSV and as NDJSON.
func flatTable(rows int) (doc, table, lines string) {
	var header, properties, fields []string
	for i := range 20 {
		name, kind := fmt.Sprintf("column%d", i), "string"
		if i%2 == 0 {
			kind = "number"
		}
		header = append(header, name)
		properties = append(properties, fmt.Sprintf(`"%s":{"type":"%s"}`, name, kind))
		fields = append(fields, fmt.Sprintf(`{"pointer":"/%s","required":true,"purpose":"p"}`, name))
	}
	doc = `{"version":2,"title":"t","media_type":"%s","schema":{"properties":{` + strings.Join(properties, ",") + `}},"fields":[` +
		strings.Join(fields, ",") + `]}`
	var c, n strings.Builder
	c.WriteString(strings.Join(header, ",") + "\n")
	for row := range rows {
		var cells, members []string
		for i, name := range header {
			cell := fmt.Sprintf("%d.%02d", row*7+i, i)
			text := cell
			if i%2 != 0 {
				cell = fmt.Sprintf("some text %d", row+i)
				text = `"` + cell + `"`
			}
			cells, members = append(cells, cell), append(members, `"`+name+`":`+text)
		}
		c.WriteString(strings.Join(cells, ",") + "\n")
		n.WriteString("{" + strings.Join(members, ",") + "}\n")
	}
	return doc, c.String(), n.String()
}

// BenchmarkTable compares the reading and the check of a table with encoding/csv, over the
// same records.
func BenchmarkTable(b *testing.B) {
	doc, table, lines := flatTable(20_000)
	b.Run("encoding-csv", func(b *testing.B) {
		b.SetBytes(int64(len(table)))
		for b.Loop() {
			r := csv.NewReader(strings.NewReader(table))
			r.ReuseRecord = true
			for {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					break
				}
			}
		}
	})
	for _, c := range []struct{ mediaType, data string }{{CSV, table}, {NDJSON, lines}} {
		parsed, err := Parse(fmt.Appendf(nil, doc, c.mediaType))
		require.NoError(b, err)
		checker, err := NewChecker(parsed, nil)
		require.NoError(b, err)
		b.Run("rows/"+c.mediaType, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			for b.Loop() {
				r := checker.format.Read(formattest.Source(c.data), format.Options{MaxRecord: 1 << 20, Shape: checker.schema.shape})
				for {
					if _, err := r.Next(); errors.Is(err, io.EOF) {
						break
					}
				}
			}
		})
		b.Run("check/"+c.mediaType, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			for b.Loop() {
				report, err := checker.Check(b.Context(), format.Source{ReaderAt: bytes.NewReader([]byte(c.data)), Size: int64(len(c.data))}, nil)
				require.NoError(b, err)
				require.True(b, report.OK())
			}
		})
	}
}
