package criteria

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

func projectedChecker(t testing.TB, mediaType, more string) *Checker {
	t.Helper()
	doc, err := Parse([]byte(`{"version":2,"title":"t","media_type":"` + mediaType + `",` + more + `
		"schema":{"type":"object","required":["id"],"properties":{"id":{"type":["integer","string"],"maximum":100}}},
		"fields":[{"pointer":"/id","required":true,"purpose":"p"},{"pointer":"/age","purpose":"p"}]}`))
	require.NoError(t, err)
	c, err := NewChecker(doc, nil)
	require.NoError(t, err)
	return c
}

// sameInOnePass compares CheckProjection with Project and CheckBroken after one another.
func sameInOnePass(t *testing.T, c *Checker, data string) {
	t.Helper()
	keep := Disclosure{Version: Version, Fields: []string{"/id", "/age"}}
	var want, got bytes.Buffer
	written, errWant := Project(context.Background(), &want, formattest.Source(data), c.format.(format.File), keep)
	done, err := c.CheckProjection(context.Background(), &got, formattest.Source(data), keep, 3)
	if errWant != nil {
		require.EqualError(t, err, errWant.Error())
		require.Zero(t, done)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want.String(), got.String())
	report, broken, err := c.CheckBroken(context.Background(), formattest.Source(want.String()), 3, nil)
	require.NoError(t, err)
	require.Equal(t, Projected{Written: written, Report: report, Broken: broken}, done)
}

const (
	someLines = `{"id":1,"age":3,"name":"x"}` + "\n\n" + `{"id": 200 ,"age":4}` + "\n" + `{"age":[1,2]}` + "\n"
	someRows  = "id,name,age\n1,x,3\n300,y,\n"
	someArray = `[{"id":1,"name":[]},{"id":"2"},{}]`
)

func TestCheckProjection(t *testing.T) {
	for mediaType, data := range map[string][]string{
		NDJSON: {someLines, strings.Repeat(someLines, 20_000), "", "{}", "{", "{}\n{]\n", `{"id":"` + strings.Repeat("x", MaxRecordBytes)},
		JSON:   {someArray, "", "[", "[]", "{}", someArray + "x", strings.Repeat(" ", 100_000) + someArray},
		CSV:    {someRows, someRows + strings.Repeat("2,z,5\n", 50_000), "", "name\nx\n", "id\n\"", "id,age\n1\n"},
	} {
		for _, limits := range []string{"", `"bytes":{"max":200},`, `"records":{"max":2},`, `"bytes":{"min":1000},`} {
			c := projectedChecker(t, mediaType, limits)
			for _, data := range data {
				sameInOnePass(t, c, data)
			}
		}
	}
}

func FuzzCheckProjection(f *testing.F) {
	lines, array, rows := projectedChecker(f, NDJSON, ""), projectedChecker(f, JSON, ""), projectedChecker(f, CSV, `"bytes":{"max":200},`)
	for _, data := range []string{someLines, someRows, someArray} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) {
		for _, c := range []*Checker{lines, array, rows} {
			sameInOnePass(t, c, data)
		}
	})
}

// What fails ends both parts, with its own error.
func TestCheckProjectionFails(t *testing.T) {
	fault := errors.New("fault")
	keep := Disclosure{Version: Version, Fields: []string{"/id"}}
	many := strings.Repeat(`{"id":1}`+"\n", 100_000)
	c := projectedChecker(t, NDJSON, "")
	in := format.Stream(io.MultiReader(strings.NewReader(many), iotest.ErrReader(fault)), int64(2*len(many)))
	_, err := c.CheckProjection(context.Background(), io.Discard, in, keep, 0)
	require.ErrorIs(t, err, fault)
	_, err = c.CheckProjection(context.Background(), failing{fault}, formattest.Source(many), keep, 0)
	require.ErrorIs(t, err, fault)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = c.CheckProjection(ended, io.Discard, formattest.Source(many), keep, 0)
	require.ErrorIs(t, err, context.Canceled)
	_, err = c.CheckProjection(context.Background(), io.Discard, formattest.Source(many), Disclosure{Fields: []string{"id"}}, 0)
	require.ErrorIs(t, err, ErrFields)
	_, err = projectedChecker(t, Parquet, "").CheckProjection(context.Background(), io.Discard, formattest.Source(many), keep, 0)
	require.ErrorIs(t, err, format.ErrBackward)
	sameInOnePass(t, c, someLines) // it goes on
}
