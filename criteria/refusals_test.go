package criteria

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

// TestCycleIsNoVerdict holds for both versions: an evaluation that would not end says
// nothing of the record, so the criteria are at fault and the seller is not.
func TestCycleIsNoVerdict(t *testing.T) {
	for _, schema := range []string{
		`{"$ref":"#"}`,
		`{"type":"object","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"properties":{"v":{"$ref":"#/$defs/a"}}}`,
		`{"allOf":[{"anyOf":[{"$ref":"#"}]}]}`,
		`{"not":{"$ref":"#"}}`,
		`{"$dynamicAnchor":"x","allOf":[{"$dynamicRef":"#x"}]}`,
	} {
		for version := 1; version <= Version; version++ {
			doc, err := Parse(fmt.Appendf(nil, `{"version":%d,"title":"t","media_type":"application/x-ndjson","schema":%s,
				"fields":[{"pointer":"/v","required":true,"purpose":"p"}]}`, version, schema))
			require.NoError(t, err)
			checker, err := NewChecker(doc, nil)
			if err == nil {
				_, err = checker.Check(context.Background(), formattest.Source(`{"v":1}`+"\n"), nil)
			}
			require.ErrorIs(t, err, ErrSchema, "version %d, %s", version, schema)
			require.ErrorContains(t, err, "lead back", "version %d, %s", version, schema)
		}
	}
}

// TestFailedEvaluationIsNoVerdict lets an evaluation fail as no schema should be able to
// make it fail.
func TestFailedEvaluationIsNoVerdict(t *testing.T) {
	var m meter
	var none []int
	err := m.guard(context.Background(), 1, func() { none[Version]++ })
	require.ErrorIs(t, err, errEvaluator)
	require.ErrorIs(t, err, ErrSchema)
	require.PanicsWithValue(t, "another", func() { _ = m.guard(context.Background(), 1, func() { panic("another") }) })
}

func TestDraftsAreNamed(t *testing.T) {
	for draft, says := range map[string]string{
		"http://json-schema.org/schema#":          "names no draft",
		"http://json-schema.org/schema":           "names no draft",
		"https://json-schema.org/schema#":         "names no draft",
		"http://json-schema.org/draft-04/schema#": "too old",
		"http://json-schema.org/draft-03/schema#": "too old",
	} {
		for _, schema := range []string{`{"$schema":"%s"}`, `{"$defs":{"a":{"$id":"http://example.com/a","$schema":"%s"}}}`} {
			_, err := compileSchema(inlineURI, fmt.Appendf(nil, schema, draft), nil, options{})
			require.ErrorIs(t, err, ErrSchema)
			require.ErrorContains(t, err, says)
		}
	}
	for _, draft := range suiteDrafts {
		_, err := compileSchema(inlineURI, fmt.Appendf(nil, `{"$schema":"%s"}`, draft), nil, options{})
		require.NoError(t, err, draft)
	}
}

func TestMembersOfAnotherType(t *testing.T) {
	for member, says := range map[string]string{
		`"version":1.0`:                       "version must be a whole number from 0 on, without a fraction or an exponent, not number 1.0",
		`"version":"2"`:                       "version must be a whole number from 0 on, without a fraction or an exponent, not string",
		`"version":2,"title":7`:               "title must be a string, not number",
		`"version":2,"records":[]`:            "records must be an object, not array",
		`"version":2,"records":{"max":-1}`:    "records/max must be a whole number from 0 on, without a fraction or an exponent, not number -1",
		`"version":2,"fields":{}`:             "fields must be an array, not object",
		`"version":2,"assert_formats":"true"`: "assert_formats must be true or false, not string",
	} {
		_, err := Parse([]byte("{" + member + "}"))
		require.ErrorIs(t, err, ErrDocument)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "Go ")
	}
}

// unending are bytes that go on after a beginning; it counts those that are read.
type unending struct {
	begin string
	fill  byte
	read  int64
}

func (e *unending) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		p[i] = e.fill
	}
	if off < int64(len(e.begin)) {
		copy(p, e.begin[off:])
	}
	e.read += int64(len(p))
	return len(p), nil
}

// TestBadFirstRecordEndsTheReading wants a file that cannot be sold to be refused
// without being read to its end, which takes minutes.
func TestBadFirstRecordEndsTheReading(t *testing.T) {
	for name, c := range map[string]struct {
		mediaType string
		data      unending
		says      string
	}{
		"a line without an end":     {NDJSON, unending{`{"a":"`, 'x', 0}, "record 1: the record is longer than 16 MiB"},
		"a document without an end": {JSON, unending{`{"a":"`, 'x', 0}, "record 1: the record is longer than 16 MiB"},
		"an element without an end": {JSON, unending{`[{"a":"`, 'x', 0}, "record 1: the record is longer than 16 MiB"},
		"the second line":           {NDJSON, unending{"{}\n{", ' ', 0}, "record 2: the record is longer than 16 MiB"},
		"no JSON":                   {NDJSON, unending{"nonsense\n", '\n', 0}, "record 1"},
		"zeroes":                    {NDJSON, unending{"", 0, 0}, "is a binary file"},
	} {
		src := format.Source{ReaderAt: &c.data, Size: 1 << 40}
		_, err := Survey(context.Background(), src, fileOf(t, c.mediaType))
		require.ErrorIs(t, err, ErrData, name)
		require.ErrorContains(t, err, c.says, name)
		_, err = Project(context.Background(), io.Discard, src, fileOf(t, c.mediaType), Disclosure{Version: Version, Fields: []string{"/a"}})
		require.ErrorIs(t, err, ErrData, name)
		require.Less(t, c.data.read, int64(4*MaxRecordBytes), name)
	}
}

// TestCheckGoesOnAfterALongRecord: a validator counts them all.
func TestCheckGoesOnAfterALongRecord(t *testing.T) {
	c := newExample(t, []byte(`{"version":2,"title":"t","media_type":"application/x-ndjson","schema":{},"record_bytes":{"max":10},
		"fields":[{"pointer":"/a","purpose":"p"}]}`))
	report := check(t, c, strings.Repeat(`{"a":"longer"}`+"\n", 3)+`{"a":1}`+"\n")
	require.EqualValues(t, 3, report.Total)
	require.EqualValues(t, 4, report.Records)
	require.False(t, errors.Is(format.TooLong(10), format.NotJSON))
	require.ErrorContains(t, format.TooLong(10), "longer than 10 bytes")
}
