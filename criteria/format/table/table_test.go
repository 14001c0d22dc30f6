package table_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/format/table"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

var csvCase = formattest.Case{
	Format: table.CSV,
	Good:   "\xef\xbb\xbfid,\"secret\",note\r\n1,x,\r\n\"2\",\"a \"\"b\"\",\r\nc\",d e\r\n 3 ,\"y\",\"\"",
	Records: []string{
		`{"id":"1","secret":"x"}`, `{"id":"2","secret":"a \"b\",\r\nc","note":"d e"}`, `{"id":" 3 ","secret":"y"}`,
	},
	Empty: "id,secret\n",
	Spoiled: map[string]formattest.Spoiled{
		"nothing":               {Data: "", Rule: table.RuleHeader},
		"a blank header":        {Data: "\r\nid\n", Rule: table.RuleHeader},
		"a name twice":          {Data: "id,a,id\nSECRET,2,3\n", Rule: table.RuleHeader},
		"no name":               {Data: "id,,b\n", Rule: table.RuleHeader},
		"a mark in a name":      {Data: "id,\ufeffb\n", Rule: table.RuleHeader},
		"many columns":          {Data: columns(table.MaxColumns + 1), Rule: table.RuleHeader},
		"a header in UTF-16":    {Data: "i\x00d\x00\n\x00", Rule: table.RuleHeader},
		"a header in Latin-1":   {Data: "id,pr\xe9nom\n", Rule: table.RuleHeader},
		"old line ends":         {Data: "id,a\r1,2\r", Rule: table.RuleHeader},
		"quotes in the header":  {Data: "id,a\"b\n", Rule: table.RuleHeader},
		"a blank line":          {Data: "id,a\n1,2\n\n3,4\n", Rule: ndjson.RuleBlank, Record: 2},
		"a blank end":           {Data: "id,a\n1,2\n\r\n", Rule: ndjson.RuleBlank, Record: 2},
		"too few cells":         {Data: "id,a\n1,2\nSECRET\n", Rule: table.RuleCells, Record: 2},
		"too many cells":        {Data: "id,a\n1,2,SECRET\n", Rule: table.RuleCells, Record: 1},
		"a quote within":        {Data: "id,a\n1,5'11\"\n2,x\"\n", Rule: table.RuleQuotes, Record: 1},
		"text behind a quote":   {Data: "id,a\n1,\"x\"SECRET\n", Rule: table.RuleQuotes, Record: 1},
		"a quote without end":   {Data: "id,a\n1,2\n2,\"SECRET\n3,4\n", Rule: table.RuleQuotes, Record: 2},
		"a lone return":         {Data: "id,a\n1,x\ry\n", Rule: table.RuleQuotes, Record: 1},
		"a return before quote": {Data: "id,a\n1,\"x\"\r\r\n", Rule: table.RuleQuotes, Record: 1},
		"NUL":                   {Data: "id,a\n1,SECRET\x00\n", Rule: table.RuleNUL, Record: 1},
		"Latin-1":               {Data: "id,a\n1,\"Zo\xeb\"\n", Rule: strict.RuleUTF8, Record: 1},
	},
	Many: func(n int) format.Source { return formattest.Repeat("id\n", "1\n", "", n) },
	Long: func(n int) format.Source { return formattest.Repeat("id\n", "x", "", n) },
}

var tsvCase = formattest.Case{
	Format:  table.TSV,
	Good:    "id\tsecret\n1\tx,y\n2\t\"a\tb\"\n",
	Records: []string{`{"id":"1","secret":"x,y"}`, `{"id":"2","secret":"a\tb"}`},
	Empty:   "id\tsecret",
	Spoiled: map[string]formattest.Spoiled{"commas": {Data: "id\ta\nSECRET,2\n", Rule: table.RuleCells, Record: 1}},
	Many:    func(n int) format.Source { return formattest.Repeat("id\ta\n", "1\t2\n", "", n) },
	Long:    func(n int) format.Source { return formattest.Repeat("id\n\"\n", "x", "\n\"", n) },
}

func columns(n int) string {
	var b strings.Builder
	for i := range n {
		for _, digit := range []int{i / 1000, i / 100, i / 10, i} {
			b.WriteByte(byte('a' + digit%10))
		}
		b.WriteByte(byte('a' + i/10000))
		b.WriteByte(',')
	}
	return b.String() + "id\n"
}

func TestCSV(t *testing.T) { formattest.Run(t, csvCase) }

func TestTSV(t *testing.T) { formattest.Run(t, tsvCase) }

func FuzzCSV(f *testing.F) { formattest.Fuzz(f, csvCase) }

// A million columns are refused without holding them.
func TestAMillionColumns(t *testing.T) {
	r := table.CSV.Read(formattest.Source(strings.Repeat("a,", 1_000_000)+"id\n1\n"), format.Options{MaxRecord: 1 << 20})
	_, err := r.Next()
	require.ErrorContains(t, err, "line 1 is longer than 1024 KiB")
	_, err = r.Next()
	require.ErrorIs(t, err, io.EOF)
}

// A defect names the line, which is not the record where cells have line ends.
func TestDefectsNameTheLine(t *testing.T) {
	r := table.CSV.Read(formattest.Source("id,a\n1,\"x\ny\"\n2\n\n3,\"\n"), format.Options{MaxRecord: 100})
	var says []string
	for {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			says = append(says, err.Error())
		}
	}
	require.Len(t, says, 3)
	require.Equal(t, "the number of cells in line 4 is 1; the header names 2 columns", says[0])
	require.Equal(t, "line 5 is blank", says[1])
	require.Contains(t, says[2], "line 6 has wrong quotes")
}

// The schema's types decide how cells are read, and nothing else does.
func TestColumnTypes(t *testing.T) {
	shape := &format.Shape{Columns: map[string]format.Column{"n": format.Number, "b": format.Boolean}}
	read := func(cell string) string {
		r := table.CSV.Read(formattest.Source("n,b,t\n"+strings.Repeat(cell+",", 2)+cell+"\n"), format.Options{MaxRecord: 1000, Shape: shape})
		raw, err := r.Next()
		require.NoError(t, err, cell)
		return string(raw)
	}
	long := strings.Repeat("9", 256)
	for cell, want := range map[string]string{
		"61.50":    `{"n":61.50,"b":"61.50","t":"61.50"}`,
		"-1e+05":   `{"n":-1e+05,"b":"-1e+05","t":"-1e+05"}`,
		`"7"`:      `{"n":7,"b":"7","t":"7"}`,
		"TRUE":     `{"n":"TRUE","b":true,"t":"TRUE"}`,
		"false":    `{"n":"false","b":false,"t":"false"}`,
		"":         `{}`,
		`""`:       `{}`,
		"007":      `{"n":"007","b":"007","t":"007"}`,
		"+1":       `{"n":"+1","b":"+1","t":"+1"}`,
		".5":       `{"n":".5","b":".5","t":".5"}`,
		" 1":       `{"n":" 1","b":" 1","t":" 1"}`,
		"1 ":       `{"n":"1 ","b":"1 ","t":"1 "}`,
		`"1,000"`:  `{"n":"1,000","b":"1,000","t":"1,000"}`,
		"NaN":      `{"n":"NaN","b":"NaN","t":"NaN"}`,
		"null":     `{"n":"null","b":"null","t":"null"}`,
		"1e1000":   `{"n":"1e1000","b":"1e1000","t":"1e1000"}`,
		long:       `{"n":` + long + `,"b":"` + long + `","t":"` + long + `"}`,
		long + "9": `{"n":"` + long + `9","b":"` + long + `9","t":"` + long + `9"}`,
		"\x01\\ü":  `{"n":"\u0001\\ü","b":"\u0001\\ü","t":"\u0001\\ü"}`,
	} {
		require.Equal(t, want, read(cell), "%q", cell)
	}
}

// A projection has one spelling, whatever that of the table was.
func TestProjectionIsCanonical(t *testing.T) {
	keep := func(pointers ...string) fields.Selection {
		list, err := fields.Parse(pointers)
		require.NoError(t, err)
		return fields.Selection{Tree: fields.NewTree(list), Positions: true}
	}
	for _, data := range []string{
		"id,s,a b\n1,x,\"p\"\"q\"\n2,,\n3,\"u,v\",z\n",
		"\ufeff\"id\",s,\"a b\"\r\n\"1\",x,\"p\"\"q\"\r\n\r\n2,\"\",\"\"\r\n3,\"u,v\",\"z\"",
	} {
		for want, selection := range map[string]fields.Selection{
			"id,a b\n1,\"p\"\"q\"\n2,\n3,z\n": keep("/a b", "/id"),
			"s\nx\n\"\"\n\"u,v\"\n":           keep("/s", "/absent", "/id/deeper"),
		} {
			var out bytes.Buffer
			done, err := table.CSV.Project(t.Context(), &out, formattest.Source(data), selection)
			require.NoError(t, err)
			require.Equal(t, want, out.String())
			require.Equal(t, format.Projection{Records: 3, Bytes: uint64(out.Len())}, done)
		}
	}
	_, err := table.CSV.Project(t.Context(), io.Discard, formattest.Source("a\n1\n"), keep("/b", "/a/b"))
	require.ErrorIs(t, err, format.ErrData)
	require.ErrorContains(t, err, "names none of the columns")
}

func TestSniff(t *testing.T) {
	for head, says := range map[string]string{
		"\xff\xfei\x00d\x00": "UTF-16", "PK\x03\x04": "ZIP", "id;name\n": "semicolons", "id\tname\n": "tabs",
		"\ufeffid,name\n": "", "id,name;x\n": "", "id": "",
	} {
		got := format.SniffFor(table.CSV, []byte(head))
		require.Contains(t, got, says, head)
		require.Equal(t, says == "", got == "", head)
	}
	require.Empty(t, format.SniffFor(table.TSV, []byte("id\tname;x\n")))
}

// FuzzAgainstEncodingCSV compares with encoding/csv, which changes line ends in cells,
// skips blank lines and takes lone carriage returns.
func FuzzAgainstEncodingCSV(f *testing.F) {
	f.Add([]byte(csvCase.Good))
	f.Add([]byte("id,a\n1,\"x\"\"y\"\n\n\"\",\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.ContainsAny(data, "\r\x00") || bytes.Contains(data, []byte("\ufeff")) {
			return
		}
		theirs, failed := csv.NewReader(bytes.NewReader(data)).ReadAll()
		r := table.CSV.Read(formattest.Source(data), format.Options{MaxRecord: 1 << 20})
		var ours []map[string]any
		for {
			raw, err := r.Next()
			var defect *format.Defect
			if errors.Is(err, io.EOF) {
				break
			}
			if errors.As(err, &defect) && !defect.Blank {
				return // stricter
			}
			if defect == nil {
				require.NoError(t, err)
				record, err := strict.Decode(raw)
				require.NoError(t, err)
				ours = append(ours, record.(map[string]any))
			}
		}
		require.NoError(t, failed)
		require.Len(t, ours, len(theirs)-1)
		for i, record := range ours {
			want := map[string]any{}
			for column, cell := range theirs[i+1] {
				if cell != "" {
					want[theirs[0][column]] = cell
				}
			}
			require.Equal(t, want, record)
		}
	})
}

// What Excel adds is noted.
func TestNotes(t *testing.T) {
	for data, want := range map[string][]format.Note{
		"a,b\n1,2\n": nil, "a\n\"1\r\n\"\n": nil, "\ufeffa\n1\n": {format.NoteMark}, "a\r\n1\n": {format.NoteCRLF}, "a\n1\r": {format.NoteCRLF},
		"\ufeffa\n1\r\n2": {format.NoteMark, format.NoteCRLF},
	} {
		r := table.CSV.Read(formattest.Source(data), format.Options{MaxRecord: 1 << 20})
		for err := error(nil); err == nil; {
			_, err = r.Next()
		}
		require.Equal(t, want, r.(format.Noter).Notes(), "%q", data)
	}
}
