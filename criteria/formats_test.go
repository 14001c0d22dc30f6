package criteria

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
)

// fileOf is a format of files by its media type.
func fileOf(t testing.TB, mediaType string) format.File {
	t.Helper()
	f, err := Formats().Get(mediaType)
	require.NoError(t, err)
	return f.(format.File)
}

func projectText(t testing.TB, mediaType, data string, fields ...string) string {
	t.Helper()
	var out bytes.Buffer
	in := format.Stream(iotest.OneByteReader(strings.NewReader(data)), int64(len(data)))
	done, err := Project(context.Background(), &out, in, fileOf(t, mediaType), Disclosure{Version: Version, Fields: fields})
	require.NoError(t, err)
	require.EqualValues(t, out.Len(), done.Bytes)
	return out.String()
}

func TestProject(t *testing.T) {
	for name, c := range map[string]struct {
		record string
		fields []string
		want   string
	}{
		"order stays":     {`{"z":1,"b":2,"a":3}`, []string{"/a", "/z"}, `{"z":1,"a":3}`},
		"numbers stay":    {`{"a":7.0000000000000001,"b":[-0.0, 1E+2]}`, []string{"/a", "/b"}, `{"a":7.0000000000000001,"b":[-0.0,1E+2]}`},
		"text stays":      {`{"\u0061":"\u00e9\/é"}`, []string{"/a"}, `{"\u0061":"\u00e9\/é"}`},
		"spaces go":       {` { "a" : [ 1 , "x  y" ] } `, []string{"/a"}, `{"a":[1,"x  y"]}`},
		"nested":          {`{"a":{"b":{"c":1,"d":2},"e":3}}`, []string{"/a/b/c"}, `{"a":{"b":{"c":1}}}`},
		"through arrays":  {`{"name":[{"use":"x","family":"y"},{"family":"z"}]}`, []string{"/name/use"}, `{"name":[{"use":"x"},{}]}`},
		"arrays in those": {`{"a":[[{"b":1,"c":2}],[]]}`, []string{"/a/b"}, `{"a":[[{"b":1}],[]]}`},
		"no index":        {`{"a":[{"0":1},2]}`, []string{"/a/0"}, `{"a":[{"0":1},null]}`},
		"scalars between": {`{"a":"secret","b":[1,null,{"c":2}]}`, []string{"/a/x", "/b/c"}, `{"b":[null,null,{"c":2}]}`},
		"nothing":         {`{"a":1}`, []string{"/b"}, `{}`},
		"everything":      {`{"a":{"b":[1,{}]}}`, []string{""}, `{"a":{"b":[1,{}]}}`},
		"escaped names":   {`{"a/b":1,"a~b":2,"a":{"b":3}}`, []string{"/a~1b", "/a~0b"}, `{"a/b":1,"a~b":2}`},
		"empty name":      {`{"":1,"a":2}`, []string{"/"}, `{"":1}`},
	} {
		require.Equal(t, c.want+"\n", projectText(t, NDJSON, c.record, c.fields...), name)
		require.Equal(t, c.want+"\n", projectText(t, JSON, c.record, c.fields...), name)
		require.Equal(t, "["+c.want+",\n"+c.want+"]\n", projectText(t, JSON, "["+c.record+","+c.record+" ]", c.fields...), name)
	}
	require.Equal(t, "{\"a\":1}\n{}\n", projectText(t, NDJSON, "\n{\"a\":1}\n \r\n{\"b\":1}", "/a"))
	require.Equal(t, "", projectText(t, NDJSON, "", "/a"))
	require.Equal(t, "[]\n", projectText(t, JSON, "[ ]", "/a"))
}

func TestProjectRefuses(t *testing.T) {
	run := func(data, mediaType string, fields ...string) error {
		keep := Disclosure{Version: Version, Fields: fields}
		_, err := Project(context.Background(), io.Discard, formattest.Source(data), fileOf(t, mediaType), keep)
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.NotContains(t, err.Error(), "SECRET")
		return err
	}
	require.ErrorIs(t, run("{}", NDJSON), ErrFields)
	require.ErrorIs(t, run("{}", NDJSON, "a"), ErrFields)
	for _, line := range []string{
		`{"a":SECRET}`, `"SECRET"`, `[{"a":1}]`, `{"b":1,"b":"SECRET"}`, `{"b":1e1000}`, "{\"b\":\"SECRET\xff\"}", `{} {}`, `{`,
	} {
		err := run("{}\n"+line, NDJSON, "/a")
		require.ErrorIs(t, err, ErrData, line)
		require.ErrorContains(t, err, "record 2", line)
	}
	require.ErrorContains(t, run(`[{},`, JSON, "/a"), "record 2")
	require.ErrorIs(t, run(`{"a":"`+strings.Repeat("x", MaxRecordBytes)+`"}`, NDJSON, "/a"), ErrData)

	full := errors.New("disk full")
	keep := Disclosure{Version: Version, Fields: []string{"/a"}}
	_, err := Project(context.Background(), failing{full}, formattest.Source("{}"), ndjson.Format{}, keep)
	require.ErrorIs(t, err, full)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Project(ctx, io.Discard, formattest.Source("{}"), ndjson.Format{}, Disclosure{Version: Version, Fields: []string{"/a"}})
	require.ErrorIs(t, err, context.Canceled)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestSurvey(t *testing.T) {
	const data = `{"b":1,"a":{"x":1}}` + "\n\n" + `{"c/d":1,"a":2}` + "\n"
	summary, err := Survey(context.Background(), formattest.Source(data), ndjson.Format{})
	require.NoError(t, err)
	require.Equal(t, Summary{Fields: []string{"/a", "/b", "/c~1d"}, Records: 2}, summary)

	var many strings.Builder
	for i := range MaxTopLevel + 1 {
		fmt.Fprintf(&many, "{\"f%d\":1}\n", i)
	}
	_, err = Survey(context.Background(), formattest.Source(many.String()), ndjson.Format{})
	require.ErrorIs(t, err, ErrData)
	_, err = Survey(context.Background(), formattest.Source(`{"a":1,"a":2}`), ndjson.Format{})
	require.ErrorIs(t, err, ErrData)
}

// checkerOf takes whatever discloses only fields.
func checkerOf(t testing.TB, version int, mediaType string, fields ...string) *Checker {
	t.Helper()
	doc := &Document{Version: version, Title: "any", MediaType: mediaType, Schema: []byte("{}")}
	for _, field := range fields {
		doc.Fields = append(doc.Fields, Field{Pointer: field, Purpose: "test"})
	}
	raw, err := doc.Encode()
	require.NoError(t, err)
	return newExample(t, raw)
}

// projected checks what holds for every projection, of each version: it passes
// the check of its own fields, and projecting it again changes nothing. A record
// that version 1 can project at all has the same values at the fields by both.
func projected(t testing.TB, mediaType string, data []byte, fields ...string) {
	t.Helper()
	for version := 1; version <= Version; version++ {
		var once, twice bytes.Buffer
		keep := Disclosure{Version: version, Fields: fields}
		done, err := Project(context.Background(), &once, formattest.Source(data), fileOf(t, mediaType), keep)
		if err != nil {
			continue
		}
		again, err := Project(context.Background(), &twice, formattest.Source(once.Bytes()), fileOf(t, mediaType), keep)
		require.NoError(t, err)
		require.Equal(t, once.String(), twice.String())
		require.Equal(t, done, again)
		report, err := checkerOf(t, version, mediaType, fields...).Check(context.Background(), formattest.Source(once.Bytes()), nil)
		require.NoError(t, err)
		require.Equal(t, done.Records, report.Records)
		long := pdx.Finding{}
		for _, f := range report.Findings { // of records that only version 1 allows
			if f.Rule == RuleRecordBytesMax {
				long = f
			}
		}
		if done.Records > 0 && long == (pdx.Finding{}) {
			require.True(t, report.OK(), "%v", report.Findings)
		}
	}
}

func TestProjectionPassesAndIsIdempotent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(0, 3).Draw(rt, "records") {
			b.WriteString(`{"a":` + anyJSON(rt, 3) + `,"b":` + anyJSON(rt, 3) + `,"c":` + anyJSON(rt, 2) + "}\n")
		}
		fields := rapid.SampledFrom([][]string{{""}, {"/a"}, {"/a/a", "/b/b/c"}, {"/c", "/a/b"}}).Draw(rt, "fields")
		projected(t, NDJSON, []byte(b.String()), fields...)
	})
}

func anyJSON(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 {
		kind = max(kind, 3)
	}
	switch kind {
	case 0, 1:
		return `{"a":` + anyJSON(t, depth-1) + `, "b" : ` + anyJSON(t, depth-1) + `}`
	case 2:
		return `[` + anyJSON(t, depth-1) + `,{}, ` + anyJSON(t, depth-1) + `]`
	case 3:
		return `7.0000000000000001`
	case 4:
		return `"x\u0022"`
	}
	return "null"
}

func FuzzProject(f *testing.F) {
	f.Add([]byte(`{"a":{"b":7.0000000000000001},"c":[{"d":null}]}`+"\n{}"), "/a/b", "/c/d")
	f.Add([]byte(`[{"a":[[1,{"b":2}]]} , {"a/b":"\ud83d\ude00"}]`), "/a~1b", "/a/b")
	f.Add([]byte(`{"a":1,"a":2}`), "/a", "")
	f.Fuzz(func(t *testing.T, data []byte, field, other string) {
		for _, mediaType := range []string{NDJSON, JSON} {
			projected(t, mediaType, data, field)
			projected(t, mediaType, data, field, other)
		}
	})
}

// Records are left out by their numbers in the projection, where blank lines do not count.
func TestProjectSkips(t *testing.T) {
	for _, c := range []struct{ mediaType, data, want string }{
		{NDJSON, "{\"a\":1}\n \n{\"a\":2}\n{\"a\":3,\"b\":1}\n{\"a\":4}\n", "{\"a\":1}\n{\"a\":3}\n"},
		{JSON, `[{"a":1},{"a":2},{"a":3,"b":1},{"a":4}]`, "[{\"a\":1},\n{\"a\":3}]\n"},
	} {
		var out bytes.Buffer
		keep := Disclosure{Version: Version, Fields: []string{"/a"}, Skip: []uint64{2, 4}}
		done, err := Project(context.Background(), &out, formattest.Source([]byte(c.data)), fileOf(t, c.mediaType), keep)
		require.NoError(t, err)
		require.EqualValues(t, 2, done.Records)
		require.Equal(t, c.want, out.String())
		keep.Skip = []uint64{2, 5}
		_, err = Project(context.Background(), &out, formattest.Source([]byte(c.data)), fileOf(t, c.mediaType), keep)
		require.ErrorIs(t, err, ErrData, "there is no fifth record")
	}
}
