package flat_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	pq "github.com/medibloc/pdx/criteria/format/parquet"
	"github.com/medibloc/pdx/criteria/format/table"
)

// read returns the records of NDJSON as lines, the rules of what is none, and the columns.
func read(t require.TestingT, f format.Format, data string) (lines string, rules []string, columns *flat.Columns) {
	var text strings.Builder
	o := format.Options{MaxRecord: 1 << 20}
	columns, err := flat.Read(context.Background(), formattest.Source(data), f, o, nil, func(r flat.Row) error {
		if r.Rule != "" {
			rules = append(rules, fmt.Sprint(r.Number, " ", r.Rule))
			return nil
		}
		text.Write(r.Text)
		text.WriteByte('\n')
		return nil
	})
	require.NoError(t, err)
	return text.String(), rules, columns
}

func write(t require.TestingT, lines string, table flat.Table) (string, flat.Written) {
	var out bytes.Buffer
	done, err := flat.Write(context.Background(), &out, formattest.Source(lines), table)
	require.NoError(t, err)
	require.EqualValues(t, out.Len(), done.Bytes)
	return out.String(), done
}

const nested = `{"id": "1", "name": {"family": "Kim, A", "given": ["A", "B"]}, "age": 40, "a/b~": null}
{"id":"2","name":{"given":[ ]},"x":{},"ok":true, "age":1.50}

{"id":"3","name":"flat","":"\u00e9\n"}
`

func TestCSV(t *testing.T) {
	lines, rules, columns := read(t, ndjson.Format{}, nested)
	require.Equal(t, `{"id":"1","name":{"family":"Kim, A","given":["A","B"]},"age":40,"a/b~":null}
{"id":"2","name":{"given":[]},"x":{},"ok":true,"age":1.50}
{"id":"3","name":"flat","":"\u00e9\n"}
`, lines)
	require.Empty(t, rules)
	got, done := write(t, lines, flat.Table{Format: flat.CSV, Columns: columns.List()})
	require.Equal(t, `id,name,name/family,name/given,age,a~1b~0,x,ok,~
1,,"Kim, A","[""A"",""B""]",40,,,,
2,,,[],1.50,,{},true,
3,flat,,,,,,,"é
"
`, got)
	require.EqualValues(t, 3, done.Records)
	require.Zero(t, done.Formulas)
}

// The empty text is told from what is not there, and one column never makes a blank line.
func TestEmptyCells(t *testing.T) {
	lines, _, columns := read(t, ndjson.Format{}, `{"a":"","b":1}`+"\n"+`{"b":2}`+"\n")
	got, _ := write(t, lines, flat.Table{Format: flat.CSV, Columns: columns.List()})
	require.Equal(t, "a,b\n\"\",1\n,2\n", got)
	lines, _, columns = read(t, ndjson.Format{}, `{"a":null}`+"\n"+`{"a":"\ufeffx"}`+"\n")
	got, _ = write(t, lines, flat.Table{Format: flat.CSV, Columns: columns.List()})
	require.Equal(t, "a\n\"\"\n\"\ufeffx\"\n", got)
}

func TestFormulas(t *testing.T) {
	data := `{"=a":"=1+1","b":-1,"c":"+1","d":"x","e":["=1"]}` + "\n" + `{"=a":"\tx","b":"@b, c"}` + "\n"
	lines, _, columns := read(t, ndjson.Format{}, data)
	got, done := write(t, lines, flat.Table{Format: flat.CSV, Columns: columns.List()})
	require.Equal(t, "=a,b,c,d,e\n=1+1,-1,+1,x,\"[\"\"=1\"\"]\"\n\tx,\"@b, c\",,,\n", got)
	require.EqualValues(t, 5, done.Formulas)
	got, done = write(t, lines, flat.Table{Format: flat.CSV, Columns: columns.List(), Spreadsheet: true})
	require.Equal(t, "\ufeff'=a,b,c,d,e\n'=1+1,-1,'+1,x,\"[\"\"=1\"\"]\"\n'\tx,\"'@b, c\",,,\n", got)
	require.EqualValues(t, 5, done.Formulas)
}

func TestTypes(t *testing.T) {
	for values, want := range map[string]flat.Type{
		`null`: flat.Text, `"a" null`: flat.Text, `true false null`: flat.Boolean,
		`1 -9223372036854775808 9223372036854775807`: flat.Integer, `1 1.5 -0.1 1e300`: flat.Float,
		`-0`: flat.Float, `100000000000000000000`: flat.Float, `18446744073709551616`: flat.JSON,
		`9007199254740993 0.5`: flat.JSON, `0.1000000000000000055511151231257827`: flat.JSON, `1e999`: flat.JSON,
		`1 "1"`: flat.JSON, `[]`: flat.JSON, `{}`: flat.JSON, `true 1`: flat.JSON, `10000000000000000000001`: flat.JSON,
	} {
		var data string
		for _, v := range strings.Fields(values) {
			data += `{"a":` + v + "}\n"
		}
		_, rules, columns := read(t, ndjson.Format{}, data)
		require.Empty(t, rules)
		require.Len(t, columns.List(), 1)
		require.Equal(t, want, columns.List()[0].Kinds.Type(), values)
	}
}

// What is no record is given by its rule, and the rest is read.
func TestUnreadableRows(t *testing.T) {
	lines, rules, _ := read(t, ndjson.Format{}, "{\"a\":1}\n[1]\n{\"a\":1,\"a\":2}\n\n{\n{\"b\":2}")
	require.Equal(t, "{\"a\":1}\n{\"b\":2}\n", lines)
	require.Equal(t, []string{"2 object", "3 duplicate-member", "5 json"}, rules)
	_, rules, _ = read(t, table.CSV, "")
	require.Equal(t, []string{"0 table-header"}, rules)
}

func TestRefusedTables(t *testing.T) {
	none := flat.Table{Format: flat.CSV}
	many := flat.Table{Format: flat.Parquet}
	for i := range flat.MaxParquetColumns + 1 {
		many.Columns = append(many.Columns, flat.Column{Path: []string{fmt.Sprint(i)}})
	}
	twice := flat.Table{Format: flat.CSV, Columns: []flat.Column{{Path: []string{"a"}}, {Path: []string{"a"}}}}
	for _, c := range []flat.Table{none, many, twice, {Format: "xlsx", Columns: many.Columns[:1]}} {
		_, err := flat.Write(t.Context(), io.Discard, formattest.Source("{}\n"), c)
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	failed := errors.New("no disk")
	_, err := flat.Write(t.Context(), failing{failed}, formattest.Source("{}\n"), flat.Table{Format: flat.Parquet, Columns: many.Columns[:1]})
	require.ErrorIs(t, err, failed)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Columns beyond the bounds are left out, and that is said.
func TestColumnsAreBounded(t *testing.T) {
	var columns flat.Columns
	var list []flat.Column
	for i := range flat.MaxColumns + 5 {
		list = append(list, flat.Column{Path: []string{fmt.Sprint(i)}, Kinds: flat.Texts})
	}
	require.True(t, columns.Add(list))
	require.True(t, columns.Over)
	require.Len(t, columns.List(), flat.MaxColumns)
	require.True(t, columns.Add([]flat.Column{{Path: []string{"7"}, Kinds: flat.Booleans}}))
	require.Equal(t, flat.JSON, columns.List()[7].Kinds.Type(), "what is known goes on")
	var long flat.Columns
	require.True(t, long.Add([]flat.Column{{Path: []string{strings.Repeat("a", flat.MaxNameBytes)}}}))
	require.True(t, long.Over)
	require.False(t, long.Add([]flat.Column{{}}))
	require.False(t, long.Add([]flat.Column{{Path: []string{"a"}, Kinds: 1 << 7}}))
}

// value draws a JSON value without white space.
func value(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kinds := 6
		if depth == 0 {
			kinds = 4
		}
		switch rapid.IntRange(0, kinds).Draw(t, "kind") {
		case 0:
			return "null"
		case 1:
			return fmt.Sprint(rapid.Bool().Draw(t, "bool"))
		case 2:
			return fmt.Sprint(rapid.Int64().Draw(t, "int"))
		case 3:
			raw, _ := json.Marshal(rapid.Float64Range(-1e30, 1e30).Draw(t, "float"))
			return string(raw)
		case 4:
			raw, _ := json.Marshal(rapid.StringOfN(rapid.RuneFrom([]rune("a,\"\n\r=é'")), 0, 4, -1).Draw(t, "text"))
			return string(raw)
		case 5:
			return "[" + strings.Join(rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "array"), ",") + "]"
		default:
			return object(depth-1).Draw(t, "object")
		}
	})
}

func object(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var members []string
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c/d", "~", "é"}), 0, 4, rapid.ID[string])
		for _, name := range names.Draw(t, "names") {
			members = append(members, fmt.Sprintf("%q:%s", name, value(depth).Draw(t, "value")))
		}
		return "{" + strings.Join(members, ",") + "}"
	})
}

// leaves are the cells that a record should have, by the rule of the specification.
func leaves(prefix string, v any, cells map[string]any) {
	object, ok := v.(map[string]any)
	if !ok || len(object) == 0 && prefix != "" {
		cells[strings.TrimPrefix(prefix, "/")] = v
		return
	}
	for name, member := range object {
		leaves(prefix+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), member, cells)
	}
}

// Any records are read back from both formats as what they were: by encoding/csv, and by the
// format of Parquet, whose types lose nothing.
func TestTablesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(object(2), 1, 5).Draw(t, "records")
		lines, rules, columns := read(t, ndjson.Format{}, strings.Join(records, "\n"))
		require.Empty(t, rules)
		if len(columns.List()) == 0 {
			return
		}
		sheet, _ := write(t, lines, flat.Table{Format: flat.CSV, Columns: columns.List()})
		in := csv.NewReader(strings.NewReader(strings.ReplaceAll(sheet, "\r\n", "\r\r\n"))) // it drops the first of two
		in.FieldsPerRecord = len(columns.List())
		rows, err := in.ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, len(records)+1)
		file, _ := write(t, lines, flat.Table{Format: flat.Parquet, Columns: columns.List()})
		back := pq.Format{}.Read(formattest.Source(file), format.Options{MaxRecord: 1 << 20})
		for i, record := range records {
			want := map[string]any{}
			leaves("", decode(t, record), want)
			for n, name := range rows[0] {
				requireCell(t, want[name], rows[i+1][n])
			}
			raw, err := back.Next()
			require.NoError(t, err)
			requireRow(t, want, columns.List(), decode(t, string(raw)).(map[string]any))
		}
		_, err = back.Next()
		require.ErrorIs(t, err, io.EOF)
	})
}

func decode(t require.TestingT, text string) (v any) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

// requireCell compares a cell of CSV with its value.
func requireCell(t require.TestingT, want any, got string) {
	switch want := want.(type) {
	case nil:
		require.Empty(t, got)
	case string:
		require.Equal(t, want, got)
	default:
		require.Equal(t, want, decode(t, got))
	}
}

// requireRow compares a row of Parquet with the cells of a record.
func requireRow(t require.TestingT, want map[string]any, columns []flat.Column, got map[string]any) {
	for _, c := range columns {
		w, g := want[c.Name()], got[c.Name()]
		if text, ok := g.(string); ok && c.Kinds.Type() == flat.JSON {
			g = decode(t, text)
		}
		if n, ok := w.(json.Number); ok && c.Kinds.Type() == flat.Float {
			a, _ := n.Float64()
			b, _ := g.(json.Number).Float64()
			require.InDelta(t, a, b, 0)
			continue
		}
		require.Equal(t, w, g, c.Name())
	}
}

// Row groups end, and the file has all rows in their order.
func TestManyRows(t *testing.T) {
	var data strings.Builder
	for i := range 120_000 {
		fmt.Fprintf(&data, "{\"n\":%d}\n", i)
	}
	columns := []flat.Column{{Path: []string{"n"}, Kinds: flat.Integers}}
	file, done := write(t, data.String(), flat.Table{Format: flat.Parquet, Columns: columns})
	require.EqualValues(t, 120_000, done.Records)
	f, err := parquet.OpenFile(strings.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	require.Len(t, f.RowGroups(), 2)
	require.EqualValues(t, 120_000, f.NumRows())
}

// FuzzTables reads any bytes as NDJSON and writes what are records as both tables.
func FuzzTables(f *testing.F) {
	f.Add(nested)
	f.Add(`{"a":1e999,"b":[{"c":"\ud83d\ude00"}]}`)
	f.Fuzz(func(t *testing.T, data string) {
		lines, _, columns := read(t, ndjson.Format{}, data)
		list := columns.List()
		if len(list) == 0 || columns.Over {
			return
		}
		for _, kind := range []flat.Format{flat.CSV, flat.Parquet} {
			_, done := write(t, lines, flat.Table{Format: kind, Columns: list})
			require.EqualValues(t, strings.Count(lines, "\n"), done.Records)
		}
	})
}
