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

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

func newExample(t testing.TB, raw []byte, opts ...Option) *Checker {
	t.Helper()
	doc, err := Parse(raw)
	require.NoError(t, err)
	checker, err := NewChecker(doc, nil, opts...)
	require.NoError(t, err)
	return checker
}

func check(t testing.TB, c *Checker, data string) Report {
	t.Helper()
	report, err := c.Check(context.Background(), format.Stream(iotest.OneByteReader(strings.NewReader(data)), int64(len(data))), nil)
	require.NoError(t, err)
	again, err := c.Check(context.Background(), formattest.Source(data), nil)
	require.NoError(t, err)
	require.Equal(t, report, again, "not the same twice")
	require.Equal(t, report.Hash(), again.Hash())
	return report
}

func TestCheckAccepts(t *testing.T) {
	const data = `{"id":"a","height":1.7}` + "\n" +
		` {"id":"b","height":1.80,"body":{"shape":["x",{}]}}` + "\r\n" +
		`{"id":1,"height":2,"body":[{},[]]}`
	report := check(t, newExample(t, []byte(example)), data)
	require.True(t, report.OK(), "%v", report.Findings)
	require.Zero(t, report.Reason)
	require.EqualValues(t, 3, report.Records)
	require.EqualValues(t, len(data), report.Bytes)

	array := exampleWith(t, "media_type", `"application/json"`)
	report = check(t, newExample(t, array), " [\n"+`{"id":"a","height":1.7,"body":{"shape":"],[\"{"}}, {"id":"b","height":1}`+"\n] \n")
	require.True(t, report.OK(), "%v", report.Findings)
	require.EqualValues(t, 2, report.Records)
}

func TestCheckFindsByRule(t *testing.T) {
	const good = `{"id":"a","height":1.7}` + "\n" + `{"id":"b","height":1.7}` + "\n"
	for name, c := range map[string]struct {
		data string
		want string // record path rule
	}{
		"schema":          {good + `{"id":"c","height":17.5}`, "3 /height schema/maximum"},
		"not JSON":        {good + `{"id":"c","height":SECRET}`, "3 /height json"},
		"NaN":             {good + `{"id":"c","height":NaN}`, "3 /height json"},
		"huge number":     {good + `{"id":"c","height":1e100000000}`, "3 /height number"},
		"not UTF-8":       {good + "{\"id\":\"SECRET\xff\",\"height\":1}", "3 /id utf8"},
		"duplicate":       {good + `{"id":"c","height":1,"height":2}`, "3 /height duplicate-member"},
		"two on a line":   {good + `{"id":"c","height":1} {"id":"d","height":1}`, "3  json"},
		"blank line":      {good + " \n", "3  blank-line"},
		"not an object":   {good + `["SECRET"]`, "3  object"},
		"short":           {good + `{"id":1}`, "3  record_bytes/min;3 /height schema/required"},
		"long":            {good + `{"id":"c","height":1}` + strings.Repeat(" ", 100), "3  record_bytes/max"},
		"long, then fine": {`{"id":"` + strings.Repeat("x", 100) + `"}` + "\n" + good, "1  record_bytes/max"},
		"few":             {`{"id":"a","height":1.7}` + "\n", "0  records/min"},
		"none":            {"", "0  records/min"},
		"many":            {good + `{"id":"c","height":1}` + "\n{}\n{}\n", "0  records/max"},
		"key again":       {good + `{"id":"a","height":1}`, "3  unique/0"},
		"key missing":     {good + `{"height":1,"body":{}}`, "3  unique/0;3 /id schema/required"},
		"too many bytes":  {good + strings.Repeat(" ", 400) + "\n", "0  bytes/max"},
	} {
		t.Run(name, func(t *testing.T) {
			report := check(t, newExample(t, []byte(example)), c.data)
			require.Equal(t, c.want, brief(report))
			require.Equal(t, pdx.RejectCriteria, report.Reason)
			require.NotContains(t, fmt.Sprintf("%+v", report), "SECRET")
		})
	}
}

func brief(r Report) string {
	var parts []string
	for _, f := range r.Findings {
		parts = append(parts, fmt.Sprint(f.Record, " ", f.Path, " ", f.Rule))
	}
	return strings.Join(parts, ";")
}

func TestCheckJSONFindings(t *testing.T) {
	raw := []byte(`{"version":1,"title":"t","media_type":"application/json","schema":{"required":["a"]},` +
		`"fields":[{"pointer":"","required":true,"purpose":"p"}],"record_bytes":{"max":20}}`)
	for data, want := range map[string]string{
		`{"a":1}`:                               "",
		`[{"a":1},{"a":2}]`:                     "",
		`[]`:                                    "0  records/min",
		``:                                      "0  json;0  records/min",
		`[`:                                     "0  json;0  records/min",
		`[{"a":1}`:                              "0  json;0  records/min",
		`[{"a":1},`:                             "0  json",
		`[{"a":1},]`:                            "2  json",
		`[,{"a":1}]`:                            "1  json",
		`[{"a":1}] x`:                           "0  json",
		`[{"a":1}]]`:                            "0  json",
		`{"a":1} {"a":1}`:                       "1  json",
		`[{"a":1},{"b":1},[{"a":1}]]`:           "2 /a schema/required;3  object",
		`[{"a":"0123456789012345678"},{"a":1}]`: "1  record_bytes/max",
		`{"a":"0123456789012345678"}`:           "1  record_bytes/max",
	} {
		require.Equal(t, want, brief(check(t, newExample(t, raw), data)), data)
	}
}

func TestUndisclosedFields(t *testing.T) {
	line := func(rest string) string {
		return `{"id":"a","height":1}` + "\n" + `{"id":"b","height":1,` + rest + `}`
	}
	for name, c := range map[string]struct{ data, want string }{
		"top":           {line(`"name":"SECRET"`), "2 /name undisclosed"},
		"below":         {line(`"body":{"mass":1}`), "2 /body/mass undisclosed"},
		"in an array":   {line(`"body":[{"shape":1},{"mass":[1]}]`), "2 /body/1/mass undisclosed"},
		"scalar":        {line(`"body":"SECRET"`), "2 /body undisclosed"},
		"name is data":  {line(`"jane@SECRET.com":1`), "2 /* undisclosed"},
		"name is text":  {line(`"body":{"Jane SECRET":1}`), "2 /body/* undisclosed"},
		"name is empty": {line(`"":1`), "2 /* undisclosed"},
	} {
		report := check(t, newExample(t, []byte(example)), c.data)
		require.Equal(t, c.want, brief(report), name)
		require.Equal(t, pdx.RejectFields, report.Reason, name)
		require.NotContains(t, fmt.Sprintf("%+v", report), "SECRET")
	}

	narrow := newExample(t, []byte(example), WithFields([]string{"/id", "/height"}))
	report := check(t, narrow, line(`"body":{"shape":1}`))
	require.Equal(t, "2 /body undisclosed", brief(report))
	require.Equal(t, []string{"/id", "/height"}, report.Fields)

	doc, err := Parse([]byte(example))
	require.NoError(t, err)
	_, err = NewChecker(doc, nil, WithFields([]string{"/id"}))
	require.ErrorIs(t, err, ErrFields)
}

func TestFindingsAreCappedAndCounted(t *testing.T) {
	checker := newExample(t, exampleWith(t, "records", `{}`))
	data := strings.Repeat(`{"id":1,"height":9}`+"\n", 10)
	report := check(t, checker, data)
	require.EqualValues(t, 19, report.Total, "each too high, all but the first a repeated key")
	require.Len(t, report.Findings, 19)

	checker = newExample(t, exampleWith(t, "bytes", `{}`))
	checker.doc.Records = Bounds{}
	report = check(t, checker, strings.Repeat(`{"id":1,"height":9}`+"\n", 100))
	require.EqualValues(t, 199, report.Total)
	require.Len(t, report.Findings, MaxFindings)

	// Undisclosed fields decide the reason wherever they are.
	report = check(t, checker, strings.Repeat(`{"id":1,"height":9}`+"\n", 100)+`{"id":2,"height":1,"name":1}`)
	require.Equal(t, pdx.RejectFields, report.Reason)
}

func TestUniqueKeysByValue(t *testing.T) {
	raw := []byte(`{"version":1,"title":"t","media_type":"application/x-ndjson","schema":{},
		"unique":[["/a/b","/c"]],"fields":[{"pointer":"","required":true,"purpose":"p"}]}`)
	for name, c := range map[string]struct {
		one, other string
		same       bool
	}{
		"numbers":       {`{"a":{"b":1.0},"c":120}`, `{"a":{"b":1},"c":1.2e2}`, true},
		"zeros":         {`{"a":{"b":-0.00},"c":0e5}`, `{"a":{"b":0},"c":0}`, true},
		"long numbers":  {`{"a":{"b":7.0000000000000001},"c":0}`, `{"a":{"b":7},"c":0}`, false},
		"text, number":  {`{"a":{"b":"1"},"c":0}`, `{"a":{"b":1},"c":0}`, false},
		"escapes":       {`{"a":{"b":"\u0041"},"c":0}`, `{"a":{"b":"A"},"c":0}`, true},
		"member order":  {`{"a":{"b":{"x":1,"y":2}},"c":0}`, `{"a":{"b":{"y":2,"x":1}},"c":0}`, true},
		"array order":   {`{"a":{"b":[1,2]},"c":0}`, `{"a":{"b":[2,1]},"c":0}`, false},
		"shifted parts": {`{"a":{"b":"x"},"c":"yz"}`, `{"a":{"b":"xy"},"c":"z"}`, false},
		"through array": {`{"a":[{"b":1},{"b":2}],"c":0}`, `{"a":[{"b":1},{},[{"b":2}]],"c":0}`, true},
		"null":          {`{"a":{"b":null},"c":0}`, `{"a":{"b":false},"c":0}`, false},
	} {
		want := ""
		if c.same {
			want = "2  unique/0"
		}
		require.Equal(t, want, brief(check(t, newExample(t, raw), c.one+"\n"+c.other)), name)
	}
}

func TestCheckStops(t *testing.T) {
	checker := newExample(t, []byte(example))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := checker.Check(ctx, formattest.Source("{}"), nil)
	require.ErrorIs(t, err, context.Canceled)

	broken := errors.New("disk gone")
	cut := io.MultiReader(strings.NewReader(`{"id":`), iotest.ErrReader(broken))
	_, err = checker.Check(context.Background(), format.Stream(cut, 100), nil)
	require.ErrorIs(t, err, broken, "not a verdict")

	// An endless dataset ends one byte after what is allowed.
	report, err := checker.Check(context.Background(), format.Stream(endless{}, 1<<50), nil)
	require.NoError(t, err)
	require.EqualValues(t, 401, report.Bytes)

	// A source that ends too early is no verdict either.
	_, err = checker.Check(context.Background(), format.Source{ReaderAt: strings.NewReader("{}"), Size: 3}, nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "{}\n"), nil }

func TestProgress(t *testing.T) {
	checker := newExample(t, exampleWith(t, "bytes", `{}`))
	data := bytes.Repeat([]byte(`{"id":1,"height":1}`+"\n"), 200_000)
	var told []uint64
	_, err := checker.Check(context.Background(), formattest.Source(data), func(n uint64) { told = append(told, n) })
	require.NoError(t, err)
	require.Len(t, told, 4)
	require.IsIncreasing(t, told)
	require.EqualValues(t, len(data), told[3])
}

// Every field of a report counts in its hash.
func TestReportHash(t *testing.T) {
	base := func() Report {
		return Report{
			Criteria: IDOf(nil), Fields: []string{"/a", "/b"}, Records: 3, Bytes: 4, Total: 1,
			Reason: pdx.RejectCriteria, Findings: []pdx.Finding{{Record: 1, Path: "/a", Rule: "json"}},
		}
	}
	seen := map[[32]byte]string{base().Hash(): "base"}
	for name, change := range map[string]func(*Report){
		"criteria":   func(r *Report) { r.Criteria[0]++ },
		"fields":     func(r *Report) { r.Fields = []string{"/a/b"} },
		"no fields":  func(r *Report) { r.Fields = nil },
		"records":    func(r *Report) { r.Records++ },
		"bytes":      func(r *Report) { r.Bytes++ },
		"total":      func(r *Report) { r.Total++ },
		"reason":     func(r *Report) { r.Reason = pdx.RejectFields },
		"record":     func(r *Report) { r.Findings[0].Record++ },
		"path":       func(r *Report) { r.Findings[0].Path = "/b" },
		"rule":       func(r *Report) { r.Findings[0].Rule = "utf8" },
		"boundary":   func(r *Report) { r.Findings[0] = pdx.Finding{Record: 1, Path: "/aj", Rule: "son"} },
		"no finding": func(r *Report) { r.Findings = nil },
	} {
		r := base()
		change(&r)
		require.NotContains(t, seen, r.Hash(), name)
		seen[r.Hash()] = name
	}
}

// Any bytes get a verdict that is the same twice and shows none of them.
func FuzzCheck(f *testing.F) {
	doc := exampleWith(f, "bytes", `{}`)
	lines, array := newExample(f, doc), newExample(f, bytes.Replace(doc, []byte(NDJSON), []byte(JSON), 1))
	files := newExample(f, bytes.Replace(doc, []byte(NDJSON), []byte(Folder), 1))
	f.Add([]byte(formattest.FolderOf(f, "a.ndjson", `{"id":"a","height":1.7}`, "b/c.json", `[{"id":"b","height":1}]`)))
	f.Add([]byte(`{"id":"a","height":1.7}` + "\n" + `{"id":"b","height":1}`))
	f.Add([]byte(`[{"id":"a","height":1.7},{"id":"b","body":{"x":[1e999]}}]`))
	f.Add([]byte("\xef\xbb\xbf{}\n\n[[[["))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range []*Checker{lines, array, files} {
			report := check(t, c, string(data))
			require.Equal(t, report.OK(), report.Reason == 0)
			require.LessOrEqual(t, len(report.Findings), MaxFindings)
			require.EqualValues(t, len(data), report.Bytes)
			for _, finding := range report.Findings {
				require.LessOrEqual(t, len(finding.Path), MaxPathBytes)
				require.LessOrEqual(t, finding.Record, report.Records)
			}
		}
	})
}
