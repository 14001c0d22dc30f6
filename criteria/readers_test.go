package criteria

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/packed"
)

// comparison is a case for the second reader, tools/readers/read.mjs.
type comparison struct {
	Name      string            `json:"name"`
	MediaType string            `json:"media_type"`
	Gzip      bool              `json:"gzip"`
	Columns   map[string]string `json:"columns"`
	Data      []byte            `json:"data"`
	Rows      []string          `json:"rows"`
}

// A second reader, on csv-parse and Node's own JSON and gzip, finds the same rows in
// generated files of every format. `make formats-agree` installs it.
func TestSecondReader(t *testing.T) {
	tool, err := filepath.Abs("../tools/readers")
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(tool, "node_modules")); err != nil {
		t.Skip("the second reader is not installed: run `make formats-agree`")
	}
	g := &generator{rand.New(rand.NewPCG(1, 2))}
	var cases bytes.Buffer
	for i := range 500 {
		for _, one := range []comparison{g.table(CSV, ","), g.table(TSV, "\t"), g.lines(false), g.lines(true), g.bundle(), g.files(t)} {
			one.Name = fmt.Sprintf("%s %d", one.MediaType, i)
			one.Rows = one.read(t)
			raw, err := json.Marshal(one)
			require.NoError(t, err)
			cases.Write(append(raw, '\n'))
		}
	}
	reader := exec.CommandContext(t.Context(), "node", "read.mjs")
	reader.Dir, reader.Stdin = tool, &cases
	out, err := reader.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, 6, strings.Count(string(out), "500 of 500 files equal"), "%s", out)
	t.Logf("%s", out)
}

// read are the rows that this implementation finds.
func (c comparison) read(t *testing.T) []string {
	t.Helper()
	properties := map[string]any{}
	for name, kind := range c.Columns {
		properties[name] = map[string]string{"type": kind}
	}
	schema, err := json.Marshal(map[string]any{"properties": properties})
	require.NoError(t, err)
	v := vector{Name: "t", MediaType: c.MediaType, Schema: schema}
	if c.MediaType == Files {
		v.Fields = []string{"/path", "/size", "/blake3"}
	}
	checker := v.checker(t)
	src, done, err := packed.Open(checker.format, format.Source{ReaderAt: bytes.NewReader(c.Data), Size: int64(len(c.Data))})
	require.NoError(t, err)
	defer done()
	return append([]string{}, rowsOf(t, checker, src)...)
}

// generator makes files.
type generator struct{ *rand.Rand }

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// table is a table, with a defect now and then.
func (g *generator) table(mediaType, comma string) comparison {
	names := []string{"id", "a b", "ü/~", "q\"uote", "n,\t", "flag"}[:1+g.IntN(6)]
	end := g.pick("\n", "\r\n")
	var text strings.Builder
	text.WriteString(g.pick("", "\xef\xbb\xbf"))
	row := func(n int, cell func(i int) string) {
		for i := range n {
			if i > 0 {
				text.WriteString(comma)
			}
			c := cell(i)
			if strings.ContainsAny(c, comma+"\"\r\n") || g.IntN(4) == 0 || c == "" && n == 1 {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			text.WriteString(c)
		}
		text.WriteString(end)
	}
	if g.IntN(30) == 0 {
		names = append(names, g.pick("id", ""))
	}
	row(len(names), func(i int) string { return names[i] })
	for range g.IntN(12) {
		switch g.IntN(60) {
		case 0:
			text.WriteString(end)
		case 1:
			row(len(names)+1, func(int) string { return "x" })
		case 2:
			text.WriteString("\x00" + end)
		case 3:
			text.WriteString("\xe9" + strings.Repeat(comma, len(names)-1) + end)
		case 4:
			text.WriteString(`5'11"` + strings.Repeat(comma, len(names)-1) + end)
		default:
			row(len(names), func(int) string {
				return g.pick("", "x", "Zoë, 주", "a\"b\"", "two\r\nlines", "1", "-0.50", "1e5", "007", "+1", "true", "FALSE", "no", " 1",
					"\\u0041\x01\x7f", "null", strings.Repeat("9", 255+g.IntN(4)))
			})
		}
	}
	types := map[string]string{"id": "integer", "a b": "number", "flag": "boolean"}
	return comparison{MediaType: mediaType, Data: []byte(text.String()), Columns: types}
}

// lines is NDJSON, packed or not.
func (g *generator) lines(pack bool) comparison {
	var text strings.Builder
	for range g.IntN(20) {
		text.WriteString(g.pick(`{"id":1.0}`, ` {"a":"ü\n\""} `, "{}\r", "", " \t\r", `{"deep":[[{}]]}`) + "\n")
	}
	text.WriteString(g.pick("", `{"id":2}`))
	data := []byte(text.String())
	if pack {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(data[:len(data)/2])
		_ = w.Close()
		w.Reset(&b) // a second member
		_, _ = w.Write(data[len(data)/2:])
		_ = w.Close()
		data = b.Bytes()
	}
	return comparison{MediaType: NDJSON, Gzip: pack, Data: data}
}

// bundle is a FHIR Bundle as servers write them.
func (g *generator) bundle() comparison {
	space := func() string { return g.pick("", " ", "\n\t") }
	var entries []string
	for range g.IntN(8) {
		members := []string{}
		if g.IntN(2) == 0 {
			members = append(members, `"fullUrl":`+space()+`"urn:uuid:}]"`)
		}
		if g.IntN(6) > 0 {
			members = append(members, `"resource"`+space()+":"+space()+
				g.pick(`{"resourceType":"Patient","name":[{"given":["}],\"{"]}]}`, `{"id":"\\"}`, `{ }`))
		}
		if g.IntN(3) == 0 {
			members = append(members, `"search":{"mode":"match","score":[1,{}]}`)
		}
		entries = append(entries, "{"+space()+strings.Join(members, ","+space())+space()+"}")
	}
	text := space() + "{" + space() + `"resourceType":"Bundle"` + "," + space() + `"type":` + g.pick(`"collection"`, `"searchset"`)
	if len(entries) > 0 || g.IntN(2) == 0 {
		text += `,"entry"` + space() + ":[" + strings.Join(entries, space()+","+space()) + "]"
	}
	return comparison{MediaType: FHIR, Data: []byte(text + g.pick("", `,"total":5`, `,"link":[{"url":"x,}"}]`) + space() + "}" + space())}
}

// files is a folder with a sidecar that is true most of the time.
func (g *generator) files(t *testing.T) comparison {
	t.Helper()
	var files, list []string
	for i := range 1 + g.IntN(6) {
		path := fmt.Sprintf("%s%d.bin", g.pick("a/", "z/", ""), i)
		content := g.pick("", "text ü\n", "%PDF-1", "\x89PNG\r\n", "II*\x00", strings.Repeat("x", 511)+"ü",
			strings.Repeat("x", 512)+"\x00", "a\x01", strings.Repeat("\x00", 128)+"DICM", "\xff\xd8\xff")
		sum := blake3.Sum256([]byte(content))
		digest, size := hex.EncodeToString(sum[:]), fmt.Sprint(len(content))
		switch g.IntN(40) {
		case 0:
			digest = strings.Repeat("0", 64)
		case 1:
			size = "1" + size
		case 2:
			digest = digest[1:]
		case 3:
			path += "x"
		}
		line := fmt.Sprintf(`{"path":%q,"size":%s,"blake3":"%s"%s}`, path, size, g.pick(digest, strings.ToUpper(digest)),
			g.pick("", `,"type":"`+format.Kind([]byte(content[:min(len(content), format.SniffBytes)]))+`"`, `,"author":"Ann"`))
		if g.IntN(40) > 0 {
			list = append(list, line)
		}
		if g.IntN(40) == 0 {
			list = append(list, g.pick(line, "", strings.Replace(line, `"size":`, `"size":-`, 1), `{"path":"b","size":0,"blake3":"","type":"x/y"}`))
		}
		files = append(files, strings.TrimSuffix(path, "x"), content)
	}
	if g.IntN(20) > 0 {
		files = append(files, "files.ndjson", strings.Join(list, "\n"))
	}
	return comparison{MediaType: Files, Data: []byte(formattest.FolderOf(t, files...))}
}
