package parquet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	pf "github.com/medibloc/pdx/criteria/format/parquet"
)

// fileOf writes rows as Parquet.
func fileOf[T any](t testing.TB, rows ...T) string {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b)
	_, err := w.Write(rows)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

type simple struct {
	ID     int64  `parquet:"id"`
	Secret string `parquet:"secret"`
}

type nested struct {
	ID     int64            `parquet:"id"`
	Secret *string          `parquet:"secret,optional"`
	Tags   []string         `parquet:"tags,list"`
	Plain  []int32          `parquet:"plain"`
	Visits []visit          `parquet:"visits,list"`
	Codes  map[string]int64 `parquet:"codes"`
	Inner  *inner           `parquet:"inner,optional"`
	Rate   float64          `parquet:"rate"`
	Small  float32          `parquet:"small"`
	Raw    []byte           `parquet:"raw"`
	Birth  int32            `parquet:"birth,date"`
	At     time.Time        `parquet:"at,timestamp(microsecond)"`
	Price  int64            `parquet:"price,decimal(2:18)"`
	Old    deprecated.Int96 `parquet:"old"`
	Unsig  uint32           `parquet:"unsig"`
	UUID   [16]byte         `parquet:"uuid,uuid"`
	Flag   bool             `parquet:"flag"`
}

type visit struct {
	Code  string   `parquet:"code"`
	Notes []string `parquet:"notes,list"`
}

type inner struct {
	Deep *int64 `parquet:"deep,optional"`
}

func example() nested {
	text, deep := "a \"b\"\n\u00e9", int64(-7)
	return nested{
		ID: 1, Secret: &text, Tags: []string{"x", ""}, Plain: []int32{3, -4},
		Visits: []visit{{"A", []string{"n1", "n2"}}, {"B", nil}}, Codes: map[string]int64{"k": 5}, Inner: &inner{&deep},
		Rate: 0.1, Small: 0.1, Raw: []byte{0, 255}, Birth: -1, At: time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC),
		Price: -1050, Old: deprecated.Int96{1, 0, 2_440_589}, Unsig: math.MaxUint32, UUID: [16]byte{15: 1}, Flag: true,
	}
}

const exampleRecord = `{"id":1,"secret":"a \"b\"\né","tags":["x",""],"plain":[3,-4],` +
	`"visits":[{"code":"A","notes":["n1","n2"]},{"code":"B","notes":[]}],` +
	`"codes":[{"key":"k","value":5}],"inner":{"deep":-7},"rate":0.1,"small":0.1,` +
	`"raw":"AP8=","birth":"1969-12-31","at":"2024-02-29T23:59:59.123456Z",` +
	`"price":-10.50,"old":"1970-01-02T00:00:00.000000001Z","unsig":4294967295,"uuid":"00000000-0000-0000-0000-000000000001","flag":true}`

const emptyRecord = `{"id":2,"tags":[],"plain":[],"visits":[],"codes":[],"rate":0,"small":0,"raw":"","birth":"1970-01-01",` +
	`"at":"0001-01-01T00:00:00.000000Z","price":0.00,"old":"1970-01-01T00:00:00.000000000Z","unsig":0,` +
	`"uuid":"00000000-0000-0000-0000-000000000000","flag":false}`

func read(t testing.TB, data string) (records []string) {
	t.Helper()
	r := pf.Format{}.Read(formattest.Source(data), format.Options{MaxRecord: 1 << 20})
	for {
		raw, err := r.Next()
		if err != nil {
			require.ErrorContains(t, err, "EOF")
			return records
		}
		records = append(records, string(raw))
	}
}

// TestMapping is the mapping of docs/spec/parquet.md, to the byte.
func TestMapping(t *testing.T) {
	data := fileOf(t, example(), nested{ID: 2, Old: deprecated.Int96{0, 0, 2_440_588}})
	require.Equal(t, []string{exampleRecord, emptyRecord}, read(t, data))
}

func spoiled(t testing.TB) map[string]formattest.Spoiled {
	good := fileOf(t, simple{1, "SECRET"}, simple{2, "SECRET"})
	bomb := "PAR1" + "PAR1"
	long := good[:len(good)-8] + string(binary.LittleEndian.AppendUint32(nil, math.MaxUint32)) + "PAR1"
	type number struct {
		ID     int64   `parquet:"id"`
		Secret float64 `parquet:"secret"`
	}
	return map[string]formattest.Spoiled{
		"eight bytes":    {Data: bomb, Rule: pf.RuleParquet},
		"no Parquet":     {Data: "SECRET SECRET SECRET", Rule: pf.RuleParquet},
		"long footer":    {Data: long, Rule: pf.RuleParquet},
		"cut off":        {Data: good[:len(good)-1], Rule: pf.RuleParquet},
		"not a number":   {Data: fileOf(t, number{1, 1}, number{2, math.NaN()}), Rule: pf.RuleValue, Record: 2},
		"infinite":       {Data: fileOf(t, number{1, math.Inf(-1)}), Rule: pf.RuleValue, Record: 1},
		"no UTF-8":       {Data: fileOf(t, simple{1, "a"}, simple{2, "SECRET\xff"}), Rule: pf.RuleValue, Record: 2},
		"another magic":  {Data: good[:len(good)-4] + "PARE", Rule: pf.RuleParquet},
		"cut in between": {Data: good[:8] + good[20:], Rule: pf.RuleParquet},
	}
}

func simpleCase(t testing.TB) formattest.Case {
	return formattest.Case{
		Format: pf.Format{}, Good: fileOf(t, simple{1, "x"}, simple{2, "a longer one"}, simple{3, ""}),
		Records: []string{`{"id":1,"secret":"x"}`, `{"id":2,"secret":"a longer one"}`, `{"id":3,"secret":""}`},
		Empty:   fileOf[simple](t), Spoiled: spoiled(t),
	}
}

func TestParquet(t *testing.T) { formattest.Run(t, simpleCase(t)) }

// TestNestedProjection: a projection of columns has the records that a projection of the
// records' JSON text has. Every kind of field that leads on is on the way to one.
func TestNestedProjection(t *testing.T) {
	data := fileOf(t, example(), nested{ID: 2, Old: deprecated.Int96{0, 0, 2_440_588}})
	lines := strings.Join(read(t, data), "\n")
	for _, pointers := range [][]string{
		{""},
		{"/id"},
		{"/visits/notes"},
		{"/visits"},
		{"/codes/value", "/inner"},
		{"/tags", "/old", "/price", "/at", "/uuid", "/plain"},
		{"/inner/deep", "/rate", "/small", "/raw", "/birth", "/unsig", "/flag", "/secret"},
	} {
		list, err := fields.Parse(pointers)
		require.NoError(t, err)
		keep := fields.Selection{Tree: fields.NewTree(list), Positions: true}
		var columns, text bytes.Buffer
		done, err := pf.Format{}.Project(t.Context(), &columns, formattest.Source(data), keep)
		require.NoError(t, err)
		require.EqualValues(t, 2, done.Records)
		_, err = ndjson.Format{}.Project(t.Context(), &text, formattest.Source(lines), keep)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(text.String()), strings.Join(read(t, columns.String()), "\n"), "%v", pointers)
		for _, name := range []string{"tags", "secret", "visits"} {
			if !strings.Contains(text.String(), `"`+name+`"`) {
				require.NotContains(t, columns.String(), name, "not even its name")
			}
		}
	}
	none, err := fields.Parse([]string{"/tags/x", "/nothing"})
	require.NoError(t, err)
	_, err = pf.Format{}.Project(t.Context(), io.Discard, formattest.Source(data), fields.Selection{Tree: fields.NewTree(none)})
	require.ErrorIs(t, err, format.ErrData)
	require.ErrorContains(t, err, "no column")
}

// TestManyRows: row groups and batches do not show in the records.
func TestManyRows(t *testing.T) {
	rows := make([]simple, 1000)
	for i := range rows {
		rows[i] = simple{int64(i), strings.Repeat("x", i%7)}
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[simple](&b, parquet.MaxRowsPerRowGroup(90), parquet.PageBufferSize(100), parquet.Compression(&parquet.Zstd))
	_, err := w.Write(rows)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	records := read(t, b.String())
	require.Len(t, records, len(rows))
	for i, record := range records {
		require.Equal(t, fmt.Sprintf(`{"id":%d,"secret":%q}`, i, rows[i].Secret), record)
	}
}

// TestTypesWithoutAForm are refused by name.
func TestTypesWithoutAForm(t *testing.T) {
	for name, node := range map[string]parquet.Node{
		"bson": parquet.BSON(), "variant": parquet.Variant(),
	} {
		var b bytes.Buffer
		w := parquet.NewWriter(&b, parquet.NewSchema("x", parquet.Group{"id": node}))
		require.NoError(t, w.Close())
		r := pf.Format{}.Read(formattest.Source(b.String()), format.Options{MaxRecord: 1000})
		_, err := r.Next()
		var defect *format.Defect
		if name == "variant" && errors.Is(err, io.EOF) { // a group of bytes
			continue
		}
		require.ErrorAs(t, err, &defect, name)
		require.Equal(t, pf.RuleType, defect.Rule, name)
	}
}
