package jail_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/fhir"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/json"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/format/sidecar"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/criteria/jail/jailtest"
)

const lines = `{"id":1,"name":"Ada","rate":61.50}` + "\n" + `{"id":2,"name":"Bo","rate":1000}` + "\n" + `{"id":2,"rate":60}` + "\n"

const document = `{"version":2,"title":"Rates","media_type":"application/x-ndjson","unique":[["/id"]],
	"schema":{"properties":{"rate":{"maximum":220}}},
	"fields":[{"pointer":"/id","required":true,"purpose":"p"},{"pointer":"/rate","required":true,"purpose":"p"}]}`

func parse(t testing.TB, text string) *criteria.Document {
	t.Helper()
	doc, err := criteria.Parse([]byte(text))
	require.NoError(t, err)
	return doc
}

// recorded are keys as they come.
type recorded struct {
	buf  bytes.Buffer
	ends []uint8
	fail error
}

func (r *recorded) Write(p []byte) (int, error) { return r.buf.Write(p) }

func (r *recorded) End(key uint8) error {
	r.buf.WriteByte('\n')
	r.ends = append(r.ends, key)
	return r.fail
}

// TestSameAsInProcess compares everything that a child does with what this process does.
func TestSameAsInProcess(t *testing.T) {
	child, here := jailtest.New(t, jail.Limits{}), criteria.InProcess(criteria.Formats())
	doc := parse(t, document)
	broken := strings.Replace(lines, `,"rate":1000`, `,"rate":`, 1)
	for name, data := range map[string]string{
		"lines": lines, "broken": broken, "none": "", "blank": "\n\n", "long": strings.Repeat(lines, 30_000),
	} {
		for _, f := range []format.File{ndjson.Format{}, json.Format{}, sidecar.Opaque{}} {
			ofChild, errChild := child.Survey(t.Context(), formattest.Source(data), f)
			ofHere, errHere := here.Survey(t.Context(), formattest.Source(data), f)
			sameErrors(t, errHere, errChild)
			require.Equal(t, ofHere, ofChild, name)
			var written, want bytes.Buffer
			keep := criteria.Disclosure{Version: 2, Fields: []string{"/id", "/rate"}}
			ofP, errChild := child.Project(t.Context(), &written, formattest.Source(data), f, keep)
			wantP, errHere := here.Project(t.Context(), &want, formattest.Source(data), f, keep)
			sameErrors(t, errHere, errChild)
			require.Equal(t, wantP, ofP, name)
			if errHere == nil {
				require.Equal(t, want.String(), written.String(), name)
			}
			n, errChild := child.Count(t.Context(), formattest.Source(data), f)
			wantN, errHere := here.Count(t.Context(), formattest.Source(data), f)
			sameErrors(t, errHere, errChild)
			require.Equal(t, wantN, n, name)
		}
		sameChecks(t, child, here, doc, name, data)
		sameRows(t, child, here, doc, name, data)
	}
}

// sameRows compares the rows of data, and the tables that are made of them.
func sameRows(t *testing.T, child, here criteria.Engine, doc *criteria.Document, name, data string) {
	t.Helper()
	var rows [2][]flat.Row
	var columns [2][]flat.Column
	for i, engine := range []criteria.Engine{here, child} {
		c, err := engine.Checker(t.Context(), doc, nil, doc.Pointers())
		require.NoError(t, err)
		defer c.Close()
		told, all := uint64(0), false
		columns[i], all, err = c.Rows(t.Context(), formattest.Source(data), ndjson.Format{}, func(r flat.Row) error {
			rows[i] = append(rows[i], flat.Row{
				Number: r.Number, Rule: r.Rule, Text: append([]byte(nil), r.Text...), Content: r.Content, Keys: append([]flat.Key(nil), r.Keys...),
			})
			return nil
		}, func(n uint64) { told = n })
		require.NoError(t, err)
		require.True(t, all)
		require.LessOrEqual(t, told, uint64(len(data)))
		refused := errors.New("no more")
		_, _, err = c.Rows(t.Context(), formattest.Source(data), ndjson.Format{}, func(flat.Row) error { return refused }, nil)
		require.Equal(t, len(rows[i]) > 0, errors.Is(err, refused))
	}
	require.Equal(t, rows[0], rows[1], name)
	require.Equal(t, columns[0], columns[1], name)
	if len(columns[0]) == 0 {
		return
	}
	var lines strings.Builder
	for _, row := range rows[0] {
		if row.Rule == "" {
			lines.Write(append(row.Text, '\n'))
		}
	}
	for _, kind := range []flat.Format{flat.CSV, flat.Parquet} {
		var tables [2]bytes.Buffer
		var done [2]flat.Written
		for i, engine := range []criteria.Engine{here, child} {
			var err error
			done[i], err = engine.Tabulate(t.Context(), &tables[i], formattest.Source(lines.String()), flat.Table{Format: kind, Columns: columns[0]})
			require.NoError(t, err)
		}
		require.Equal(t, done[0], done[1], name)
		require.Equal(t, tables[0].String(), tables[1].String(), name)
	}
}

func sameErrors(t *testing.T, want, got error) {
	t.Helper()
	require.Equal(t, want == nil, got == nil, "%v; %v", want, got)
	if want == nil {
		return
	}
	require.Equal(t, want.Error(), got.Error())
	for _, sentinel := range []error{criteria.ErrData, criteria.ErrSchema, criteria.ErrFields, criteria.ErrDocument, pdx.ErrInvalid} {
		require.Equal(t, errors.Is(want, sentinel), errors.Is(got, sentinel), "%v", want)
	}
}

func sameChecks(t *testing.T, child, here criteria.Engine, doc *criteria.Document, name, data string) {
	t.Helper()
	var reports [2]criteria.Report
	var keys [2]recorded
	var samples [2][][]byte
	var broken [2][]uint64
	var projected [2]struct {
		done criteria.Projected
		err  error
		text string
	}
	for i, engine := range []criteria.Engine{here, child} {
		c, err := engine.Checker(t.Context(), doc, nil, doc.Pointers())
		require.NoError(t, err)
		defer c.Close()
		var out bytes.Buffer
		keep := criteria.Disclosure{Version: 2, Fields: []string{"/id", "/rate"}}
		projected[i].done, projected[i].err = c.CheckProjection(t.Context(), &out, formattest.Source(data), keep, 2)
		projected[i].text = out.String()
		told := uint64(0)
		reports[i], err = c.CheckKeys(t.Context(), formattest.Source(data), &keys[i], func(n uint64) { told = n })
		require.NoError(t, err)
		require.EqualValues(t, len(data), told)
		again, err := c.CheckKeys(t.Context(), formattest.Source(data), nil, nil)
		require.NoError(t, err)
		require.Equal(t, reports[i], again, "one checker, many datasets")
		samples[i], err = c.First(t.Context(), formattest.Source(data), 1000, 2)
		require.NoError(t, err)
		require.Empty(t, c.Resources())
		again, broken[i], err = c.CheckBroken(t.Context(), formattest.Source(data), 2, nil)
		require.NoError(t, err)
		require.Equal(t, reports[i], again)
	}
	sameErrors(t, projected[0].err, projected[1].err)
	require.Equal(t, projected[0].done, projected[1].done, name)
	if projected[0].err == nil {
		require.Equal(t, projected[0].text, projected[1].text, name)
	}
	require.Equal(t, samples[0], samples[1], name)
	require.Equal(t, broken[0], broken[1], name)
	require.Equal(t, reports[0], reports[1], name)
	require.Equal(t, reports[0].Hash(), reports[1].Hash())
	require.Equal(t, keys[0], keys[1], name)
}

// A child knows which resources a schema allows, and leaves the others out.
func TestResourcesOfAChild(t *testing.T) {
	doc := parse(t, `{"version":2,"title":"x","media_type":"application/fhir+ndjson",
		"schema":{"properties":{"resourceType":{"const":"Patient"}}},
		"fields":[{"pointer":"/resourceType","required":true,"purpose":"p"}]}`)
	data := `{"resourceType":"Patient"}` + "\n" + `{"resourceType":"Device"}` + "\n"
	for _, engine := range []criteria.Engine{criteria.InProcess(criteria.Formats()), jailtest.New(t, jail.Limits{})} {
		c, err := engine.Checker(t.Context(), doc, nil, doc.Pointers())
		require.NoError(t, err)
		require.Equal(t, []string{"Patient"}, c.Resources())
		c.Close()
		var kept bytes.Buffer
		done, err := engine.Project(t.Context(), &kept, formattest.Source(data), fhir.NDJSON{}, criteria.Disclosure{
			Version: 2, Fields: []string{"/resourceType"}, Resources: []string{"Patient"},
		})
		require.NoError(t, err)
		require.EqualValues(t, 1, done.Records)
		require.NotContains(t, kept.String(), "Device")
	}
}

// A schema that comes by CID is asked of the parent, once; others' errors stay what they are.
func TestSchemasOfTheParent(t *testing.T) {
	j := jailtest.New(t, jail.Limits{})
	schema := []byte(`{"properties":{"id":{"maximum":1}}}`)
	doc := parse(t, `{"version":2,"title":"x","media_type":"application/x-ndjson","schema":{"cid":"`+criteria.IDOf(schema).String()+`"},
		"fields":[{"pointer":"/id","required":true,"purpose":"p"}]}`)
	asked := 0
	c, err := j.Checker(t.Context(), doc, func(id pdx.ContentID) ([]byte, error) {
		asked++
		return criteria.Bundle(schema)(id)
	}, []string{"/id"})
	require.NoError(t, err)
	r, err := c.CheckKeys(t.Context(), formattest.Source(`{"id":2}`), nil, nil)
	require.NoError(t, err)
	require.Equal(t, []pdx.Finding{{Record: 1, Path: "/id", Rule: "schema/maximum"}}, r.Findings)
	c.Close() // the next child compiles what is known
	_, err = c.CheckKeys(t.Context(), formattest.Source(`{"id":2}`), nil, nil)
	require.NoError(t, err)
	require.Equal(t, 1, asked)
	c.Close()

	gone := errors.New("the buyer is away")
	_, err = j.Checker(t.Context(), doc, func(pdx.ContentID) ([]byte, error) { return nil, gone }, []string{"/id"})
	require.ErrorIs(t, err, gone)
	_, err = j.Checker(t.Context(), doc, func(pdx.ContentID) ([]byte, error) { return []byte("{}"), nil }, []string{"/id"})
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	_, err = j.Checker(t.Context(), doc, nil, []string{"/name"})
	require.ErrorIs(t, err, criteria.ErrFields)
}

// What fails on the parent's side ends the job with that error.
func TestErrorsOfTheParent(t *testing.T) {
	j := jailtest.New(t, jail.Limits{})
	gone := errors.New("the disk is gone")
	_, err := j.Survey(t.Context(), format.Source{ReaderAt: failing{gone}, Size: 10}, ndjson.Format{})
	require.ErrorIs(t, err, gone)
	_, err = j.Project(t.Context(), failing{gone}, formattest.Source(lines), ndjson.Format{}, criteria.Disclosure{Fields: []string{"/id"}})
	require.ErrorIs(t, err, gone)
	c, err := j.Checker(t.Context(), parse(t, document), nil, []string{"/id", "/rate"})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.CheckKeys(t.Context(), formattest.Source(strings.Repeat(lines, 9000)), &recorded{fail: gone}, nil)
	require.ErrorIs(t, err, gone)
	_, err = c.CheckKeys(t.Context(), format.Source{ReaderAt: strings.NewReader("{}"), Size: 100}, nil, nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "a source that is shorter than its size")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.CheckKeys(ctx, formattest.Source(lines), nil, nil)
	require.ErrorIs(t, err, context.Canceled)
	r, err := c.CheckKeys(t.Context(), formattest.Source(lines), nil, nil)
	require.NoError(t, err, "another child goes on")
	require.EqualValues(t, 3, r.Records)
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }
func (f failing) Write([]byte) (int, error)         { return 0, f.err }

// A child that waits for a source which does not answer is ended with the context.
func TestCancelled(t *testing.T) {
	j := jailtest.New(t, jail.Limits{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := j.Survey(ctx, format.Source{ReaderAt: waiting{ctx}, Size: 10}, ndjson.Format{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

type waiting struct{ ctx context.Context } //nolint:containedctx // io.ReaderAt has none

func (w waiting) ReadAt([]byte, int64) (int, error) {
	<-w.ctx.Done()
	return 0, w.ctx.Err()
}

func TestNoProgram(t *testing.T) {
	_, err := jail.New(jail.Config{})
	require.ErrorIs(t, err, pdx.ErrInvalid)
	j, err := jail.New(jail.Config{Program: "/does/not/exist", Formats: criteria.Formats()})
	require.NoError(t, err)
	_, err = j.Survey(t.Context(), formattest.Source(lines), ndjson.Format{})
	require.ErrorIs(t, err, pdx.ErrUnavailable, "never in this process instead")
	require.ErrorContains(t, err, "cannot be judged")
}
