package formattest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

func selection(t testing.TB, pointers ...string) fields.Selection {
	t.Helper()
	list, err := fields.Parse(pointers)
	require.NoError(t, err)
	return fields.Selection{Tree: fields.NewTree(list), Positions: true}
}

// project projects data twice, the second time as a stream: the result is the same.
func project(t testing.TB, f format.File, data string, keep fields.Selection) (string, format.Projection, error) {
	t.Helper()
	var once, again bytes.Buffer
	done, err := f.Project(t.Context(), &once, Source(data), keep)
	repeated, failed := f.Project(t.Context(), &again, streamOf(f, data), keep)
	require.Equal(t, err == nil, failed == nil, "projecting again gives something else")
	if err != nil {
		return "", done, err
	}
	require.Equal(t, once.String(), again.String(), "projecting again gives something else")
	require.Equal(t, done, repeated)
	require.EqualValues(t, once.Len(), done.Bytes)
	return once.String(), done, nil
}

func (c Case) projection(t *testing.T, f format.File) {
	whole, done, err := project(t, f, c.Good, selection(t, ""))
	require.NoError(t, err)
	require.EqualValues(t, len(c.Records), done.Records)
	c.sameRecords(t, whole, c.Records)
	again, _, err := project(t, f, whole, selection(t, ""))
	require.NoError(t, err)
	require.Equal(t, whole, again, "projecting the result again changes nothing")

	var want []string
	for _, record := range c.Records {
		var all map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(record), &all))
		part, err := json.Marshal(map[string]json.RawMessage{"id": all["id"]})
		require.NoError(t, err)
		want = append(want, string(part))
	}
	part, _, err := project(t, f, c.Good, selection(t, "/id"))
	require.NoError(t, err)
	c.sameRecords(t, part, want)
	require.NotContains(t, part, "secret", "nothing else is disclosed, not even a name")

	nothing, done, err := project(t, f, c.Empty, selection(t, "/id"))
	require.NoError(t, err)
	require.Zero(t, done.Records)
	require.Empty(t, readAll(t, f, nothing, options))
	c.projectionStops(t, f)
}

func (c Case) sameRecords(t *testing.T, data string, want []string) {
	t.Helper()
	items := readAll(t, c.Format, data, options)
	require.Len(t, items, len(want))
	for i, item := range items {
		require.Zero(t, item.defect)
		require.JSONEq(t, want[i], item.text)
	}
}

// projectionStops with the errors of others.
func (c Case) projectionStops(t *testing.T, f format.File) {
	full, gone := errors.New("the disk is full"), errors.New("the disk is gone")
	_, err := f.Project(t.Context(), failingWriter{full}, Source(c.Good), selection(t, ""))
	require.ErrorIs(t, err, full)
	_, err = f.Project(t.Context(), io.Discard, broken(f, c.Good, 1, gone), selection(t, ""))
	require.ErrorIs(t, err, gone)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.Project(ctx, io.Discard, Source(c.Good), selection(t, ""))
	require.ErrorIs(t, err, context.Canceled)
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

// spoiledProjection: what is wrong is refused by record, unless nothing was there.
func (c Case) spoiledProjection(t *testing.T, f format.File) {
	for name, spoiled := range c.Spoiled {
		blank := false
		for _, item := range readAll(t, f, spoiled.Data, options) {
			blank = blank || item.defect.Blank
		}
		_, _, err := project(t, f, spoiled.Data, selection(t, "/id"))
		if blank {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, format.ErrData, name)
		require.ErrorContains(t, err, "record ", name)
		require.NotContains(t, err.Error(), "SECRET", "an error shows no value")
	}
}

// counter counts in bounded memory, in whatever pieces the data comes, and does not
// fail on spoiled data.
func (c Case) counter(t *testing.T, f format.File) {
	for _, piece := range []int{1, 7, len(c.Good)} {
		counter := f.Counter()
		_, err := io.CopyBuffer(struct{ io.Writer }{counter}, struct{ io.Reader }{strings.NewReader(c.Good)}, make([]byte, piece))
		require.NoError(t, err)
		n, err := counter.Records(t.Context(), Source(c.Good))
		require.NoError(t, err)
		require.EqualValues(t, len(c.Records), n)
	}
	if c.Many != nil {
		c.counterMemory(t, f)
	}
	for name, spoiled := range c.Spoiled {
		counter := f.Counter()
		_, err := io.WriteString(counter, spoiled.Data)
		require.NoError(t, err)
		_, err = counter.Records(t.Context(), Source(spoiled.Data))
		require.NoError(t, err, name)
	}
}

func (c Case) counterMemory(t *testing.T, f format.File) {
	many := c.Many(manyRecords)
	before, counter := heap(), f.Counter()
	_, err := io.Copy(counter, many.Reader())
	require.NoError(t, err)
	require.Less(t, heap(), before+heldBytes, "while it is written")
	n, err := counter.Records(t.Context(), many)
	require.NoError(t, err)
	require.EqualValues(t, manyRecords, n)
	long := c.Long(longRecord)
	require.Less(t, allocated(func() { n, err = f.Counter().Records(t.Context(), long) }), uint64(allocatedBytes), "a long record")
	require.NoError(t, err)
}
