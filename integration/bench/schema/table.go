package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/integration/bench"
)

// flat is a table of 20 columns, half of them numbers.
type flat struct {
	schema, fields string
	table, lines   string
}

func newFlat(rows int) flat {
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
	f := flat{
		schema: `{"type":"object","properties":{` + strings.Join(properties, ",") + `},"additionalProperties":false}`,
		fields: strings.Join(fields, ","),
	}
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
	f.table, f.lines = c.String(), n.String()
	return f
}

// document has criteria for the table in a format.
func (f flat) document(mediaType string) (*criteria.Document, error) {
	return criteria.Parse(
		fmt.Appendf(nil, `{"version":2,"title":"t","media_type":%q,"schema":%s,"fields":[%s]}`, mediaType, f.schema, f.fields),
	)
}

func (f flat) checker(mediaType string, opts ...criteria.Option) (*criteria.Checker, error) {
	doc, err := f.document(mediaType)
	if err != nil {
		return nil, err
	}
	return criteria.NewChecker(doc, nil, opts...)
}

func measureTables(ctx context.Context, rival *ajv, dir string) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := newFlat(10_000)
	schema, file := filepath.Join(dir, "flat.schema.json"), filepath.Join(dir, "flat.ndjson")
	if err := errors.Join(os.WriteFile(schema, []byte(f.schema), 0o600), os.WriteFile(file, []byte(f.lines), 0o600)); err != nil {
		return err
	}
	lines, err := f.checker(criteria.NDJSON)
	if err != nil {
		return err
	}
	rows, err := f.checker(criteria.CSV)
	if err != nil {
		return err
	}
	rates, err := best(
		func() (float64, error) { return rate(ctx, lines, []byte(f.lines)) },
		func() (float64, error) { return rival.rate(schema, "", file) },
		func() (float64, error) { return rate(ctx, rows, []byte(f.table)) },
		func() (float64, error) { return readCSV(f.table) },
	)
	if err != nil {
		return err
	}
	table := bench.Table{
		Name: "tables", Title: "A flat table of 20 columns, in MB for each second of a processor",
		Columns: []string{"pdx", "the other", "pdx / the other"},
	}
	table.Add("NDJSON, checked; Ajv", rates[0], rates[1], ratio(rates[0], rates[1]))
	table.Add("CSV, checked; encoding/csv, read only", rates[2], rates[3], ratio(rates[2], rates[3]))
	return table.Report()
}

// readCSV is how many MB a processor reads in a second with encoding/csv.
func readCSV(table string) (float64, error) {
	times := megabytes*1_000_000/len(table) + 1
	before := bench.Processor()
	for range times {
		r := csv.NewReader(strings.NewReader(table))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return 0, err
			}
		}
	}
	used := bench.Processor() - before
	return float64(times*len(table)) / 1e6 / used.Seconds(), nil
}
