package criteria

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// What version 2 projects, and what version 1 does: "" where version 1 refuses
// because elements would move.
func TestPositions(t *testing.T) {
	for name, c := range map[string]struct {
		record   string
		fields   []string
		two, one string
	}{
		"parallel arrays": {
			`{"given":["Anna","Maria"],"_given":[null,{"ext":1,"id":2}]}`,
			[]string{"/given", "/_given/ext"},
			`{"given":["Anna","Maria"],"_given":[null,{"ext":1}]}`, "",
		},
		"a null at the end": {`{"a":[{"b":1},null]}`, []string{"/a/b"}, `{"a":[{"b":1},null]}`, `{"a":[{"b":1}]}`},
		"values at the end": {`{"a":[{"b":1},"x",true]}`, []string{"/a/b"}, `{"a":[{"b":1},null,null]}`, `{"a":[{"b":1}]}`},
		"nothing is kept":   {`{"a":["x",7]}`, []string{"/a/b"}, `{"a":[null,null]}`, `{"a":[]}`},
		"nested, at the end": {
			`{"a":[[{"b":1},2],[3]]}`,
			[]string{"/a/b"},
			`{"a":[[{"b":1},null],[null]]}`, `{"a":[[{"b":1}],[]]}`,
		},
		"nested, moving":    {`{"a":[[2,{"b":1}]]}`, []string{"/a/b"}, `{"a":[[null,{"b":1}]]}`, ""},
		"an emptied object": {`{"a":[{"c":1},{"b":1}]}`, []string{"/a/b"}, `{"a":[{},{"b":1}]}`, `{"a":[{},{"b":1}]}`},
		"an emptied array":  {`{"a":[7,[8]]}`, []string{"/a/b"}, `{"a":[null,[null]]}`, ""},
		"null in an object": {`{"a":{"b":null,"c":1},"d":null}`, []string{"/a/b/x", "/d/x"}, `{"a":{}}`, `{"a":{}}`},
		"at the field":      {`{"a":[null,1,null]}`, []string{"/a"}, `{"a":[null,1,null]}`, `{"a":[null,1,null]}`},
		"elsewhere":         {`{"a":[1,{"b":1}],"c":1}`, []string{"/c"}, `{"c":1}`, `{"c":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.two+"\n", projectText(t, NDJSON, c.record, c.fields...))
			var out bytes.Buffer
			_, err := Project(context.Background(), &out, formattest.Source(c.record), ndjson.Format{}, Disclosure{Version: 1, Fields: c.fields})
			if c.one == "" {
				require.ErrorIs(t, err, ErrData)
				require.ErrorContains(t, err, "version 2")
				require.Zero(t, out.Len())
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.one+"\n", out.String())
		})
	}
}

// The check takes null for an element by version 2, and for nothing else.
func TestNullOnTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		record   string
		two, one string
	}{
		"element":        {`{"a":[null,{"b":1}]}`, "", "1 /a/0 undisclosed"},
		"nested":         {`{"a":[[null],{"b":1}]}`, "", "1 /a/0/0 undisclosed"},
		"only nulls":     {`{"a":[null,null]}`, "", "1 /a/0 undisclosed;1 /a/1 undisclosed"},
		"member":         {`{"a":null}`, "1 /a undisclosed", "1 /a undisclosed"},
		"member, deep":   {`{"a":[{"c":null}]}`, "1 /a/0/c undisclosed", "1 /a/0/c undisclosed"},
		"not on the way": {`{"c":[null]}`, "1 /c undisclosed", "1 /c undisclosed"},
		"another element": {
			`{"a":[false,0,""]}`,
			"1 /a/0 undisclosed;1 /a/1 undisclosed;1 /a/2 undisclosed", "1 /a/0 undisclosed;1 /a/1 undisclosed;1 /a/2 undisclosed",
		},
	} {
		require.Equal(t, c.two, brief(check(t, checkerOf(t, 2, NDJSON, "/a/b"), c.record)), name)
		require.Equal(t, c.one, brief(check(t, checkerOf(t, 1, NDJSON, "/a/b"), c.record)), name)
	}
}

// A null that keeps a position is no value of a key, and the schema sees it.
func TestNullsInKeysAndSchemas(t *testing.T) {
	raw := []byte(`{"version":2,"title":"t","media_type":"application/x-ndjson","schema":{"properties":{"a":{"items":{"type":"object"}}}},
		"unique":[["/a/b"]],"fields":[{"pointer":"/a/b","required":true,"purpose":"p"}]}`)
	c := newExample(t, raw)
	require.Equal(t, "1 /a/0 schema/type;2  unique/0", brief(check(t, c, `{"a":[null,{"b":1}]}`+"\n"+`{"a":[{"b":1}]}`)))
	require.Equal(t, "1  unique/0;1 /a/0 schema/type", brief(check(t, c, `{"a":[null]}`)))
}

func TestRecordBytesByVersion(t *testing.T) {
	for _, c := range []struct {
		version int
		bounds  string
		max     uint64
	}{
		{1, `{}`, MaxRecordBytes},
		{2, `{}`, DefaultRecordBytes},
		{2, `{"max":0}`, DefaultRecordBytes},
		{2, `{"max":16777216}`, MaxRecordBytes},
		{1, `{"max":5}`, 5},
		{2, `{"max":5}`, 5},
	} {
		doc, err := Parse(versionWith(t, c.version, "record_bytes", c.bounds))
		require.NoError(t, err)
		require.Equal(t, c.max, doc.MaxRecord())
	}
	_, err := Parse(versionWith(t, 2, "record_bytes", `{"min":1048577}`))
	require.ErrorIs(t, err, ErrDocument)
	_, err = Parse(versionWith(t, 1, "record_bytes", `{"min":1048577}`))
	require.NoError(t, err)

	record := `{"id":"` + strings.Repeat("x", DefaultRecordBytes) + `"}`
	require.Equal(t, "1  record_bytes/max", brief(check(t, checkerOf(t, 2, NDJSON, ""), record)))
	require.Empty(t, brief(check(t, checkerOf(t, 1, NDJSON, ""), record)))
}

// versionWith is the example in a version, with one member replaced.
func versionWith(t testing.TB, version int, name, value string) []byte {
	t.Helper()
	raw := exampleWith(t, name, value)
	return bytes.Replace(raw, []byte(`"version":1`), fmt.Appendf(nil, `"version":%d`, version), 1)
}

// In version 2 every disclosed value lies where it lay.
func TestProjectionMovesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		raw := `{"a":` + anyJSON(rt, 4) + `,"b":` + anyJSON(rt, 3) + `}`
		disclosed := rapid.SampledFrom([][]string{{"/a"}, {"/a/a", "/b/b"}, {"/b", "/a/b/a"}}).Draw(rt, "fields")
		pointers, err := fields.Parse(disclosed)
		require.NoError(t, err)
		before, err := strict.Decode([]byte(raw))
		require.NoError(t, err)
		after, err := strict.Decode([]byte(projectText(t, NDJSON, raw, disclosed...)))
		require.NoError(t, err)
		sameAt(t, fields.NewTree(pointers), before, after)
	})
}

// sameAt compares what a tree discloses of two values.
func sameAt(t testing.TB, tree *fields.Tree, before, after any) {
	t.Helper()
	if tree.Whole {
		require.Equal(t, before, after)
		return
	}
	switch before := before.(type) {
	case map[string]any:
		for name, child := range tree.Children {
			if value, ok := before[name]; ok && (child.Whole || isContainer(value)) {
				require.Contains(t, after, name)
				sameAt(t, child, value, after.(map[string]any)[name])
			}
		}
	case []any:
		require.Len(t, after, len(before))
		for i, value := range before {
			sameAt(t, tree, value, after.([]any)[i])
		}
	}
}

func isContainer(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// Old documents stay what they were: the frame of the report's version does too.
func TestVersionsOfReports(t *testing.T) {
	one := check(t, checkerOf(t, 1, NDJSON, "/a/b"), `{"a":[{"b":1}]}`)
	two := check(t, checkerOf(t, 2, NDJSON, "/a/b"), `{"a":[{"b":1}]}`)
	require.NotEqual(t, one.Hash(), two.Hash(), "by the CID of the document")
	two.Criteria = one.Criteria
	require.Equal(t, one.Hash(), two.Hash())
	require.Zero(t, one.Reason)
	require.Equal(t, pdx.RejectFields, check(t, checkerOf(t, 1, NDJSON, "/a/b"), `{"a":[null]}`).Reason)
}
