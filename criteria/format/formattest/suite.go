package formattest

import (
	"errors"
	"io"
	"mime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Case describes a format to the suite.
type Case struct {
	Format format.Format
	// Good is data with these records, in any spelling of JSON. Each has the members
	// "id" and "secret", a text that occurs nowhere else.
	Good    string
	Records []string
	// Empty is data without a record.
	Empty string
	// Spoiled has data for each way in which it can be wrong.
	Spoiled map[string]Spoiled
	// Many is data with n equal records of a few bytes, and Long is data with one
	// record of about n bytes. Neither lies in memory: see Repeat. A format.Fragile has none:
	// its memory is that of a child process.
	Many, Long func(n int) format.Source
}

// Spoiled is data with a defect.
type Spoiled struct {
	Data string
	// Rule and Record are those of the first defect; record 0 is the dataset.
	Rule   string
	Record uint64
}

// options are those of the suite: room for its records.
var options = format.Options{MaxRecord: 1 << 20}

// Run runs the suite.
func Run(t *testing.T, c Case) {
	t.Run("names", c.names)
	t.Run("records", c.records)
	t.Run("empty", c.empty)
	t.Run("spoiled", c.spoiled)
	t.Run("cut off", c.cutOff)
	t.Run("failing source", c.failingSource)
	t.Run("long records", c.longRecords)
	if c.Many != nil {
		t.Run("memory", c.memory)
	}
	t.Run("preview", c.preview)
	if f, ok := c.Format.(format.File); ok {
		t.Run("projection", func(t *testing.T) { c.projection(t, f) })
		t.Run("projection of spoiled data", func(t *testing.T) { c.spoiledProjection(t, f) })
		t.Run("counter", func(t *testing.T) { c.counter(t, f) })
	}
}

func (c Case) names(t *testing.T) {
	mediaType, parameters, err := mime.ParseMediaType(c.Format.MediaType())
	require.NoError(t, err)
	require.Equal(t, c.Format.MediaType(), mediaType)
	require.Empty(t, parameters)
	require.NotEmpty(t, c.Format.Extensions())
	for _, ext := range c.Format.Extensions() {
		require.Regexp(t, `^(\.[a-z0-9]+)+$`, ext)
	}
	formats, err := format.New(c.Format)
	require.NoError(t, err)
	found, err := formats.Get(mediaType)
	require.NoError(t, err)
	require.Equal(t, c.Format, found)
}

// item is what Next returned: the text of a record, or a defect.
type item struct {
	text   string
	defect format.Defect
}

// read returns everything that a source yields until it ends, or an error.
func read(t testing.TB, f format.Format, src format.Source, o format.Options) (items []item, err error) {
	t.Helper()
	r := f.Read(src, o)
	for {
		raw, err := r.Next()
		var defect *format.Defect
		switch {
		case errors.Is(err, io.EOF):
			_, again := r.Next()
			require.ErrorIs(t, again, io.EOF, "the end stays the end")
			return items, nil
		case errors.As(err, &defect):
			require.NotEmpty(t, defect.Rule)
			require.NotEmpty(t, defect.Error())
			items = append(items, item{defect: *defect})
		case err != nil:
			return items, err
		default:
			items = append(items, item{text: string(raw)})
		}
	}
}

// readAll reads data at once, again, and as a stream that yields single bytes: the
// result is the same each time.
func readAll(t testing.TB, f format.Format, data string, o format.Options) []item {
	t.Helper()
	items, err := read(t, f, Source(data), o)
	require.NoError(t, err)
	for _, src := range []format.Source{Source(data), streamOf(f, data)} {
		again, err := read(t, f, src, o)
		require.NoError(t, err)
		require.Equal(t, items, again, "reading again gives something else")
	}
	return items
}

func (c Case) records(t *testing.T) {
	items := readAll(t, c.Format, c.Good, options)
	require.Len(t, items, len(c.Records))
	for i, item := range items {
		require.Zero(t, item.defect)
		require.JSONEq(t, c.Records[i], item.text)
		require.Contains(t, item.text, `"secret"`, "the suite needs it")
		require.Contains(t, item.text, `"id"`, "the suite needs it")
		_, err := strict.Parse([]byte(item.text))
		require.NoError(t, err)
	}
}

func (c Case) empty(t *testing.T) {
	require.Empty(t, readAll(t, c.Format, c.Empty, options))
	for _, item := range readAll(t, c.Format, "", options) {
		require.NotZero(t, item.defect, "nothing gives no record")
	}
}

func (c Case) spoiled(t *testing.T) {
	require.NotEmpty(t, c.Spoiled)
	for name, spoiled := range c.Spoiled {
		found, number := false, uint64(0)
		for _, item := range readAll(t, c.Format, spoiled.Data, options) {
			if item.defect == (format.Defect{}) || item.defect.Record {
				number++
			}
			if item.defect == (format.Defect{}) || found {
				continue
			}
			found = true
			require.Equal(t, spoiled.Rule, item.defect.Rule, name)
			if item.defect.Record {
				require.Equal(t, spoiled.Record, number, name)
			} else {
				require.Zero(t, spoiled.Record, name)
			}
			require.NotContains(t, item.defect.Error(), "SECRET", "an error shows no value")
		}
		require.True(t, found, "%s: no defect", name)
	}
}

// cutOff reads every beginning of good data: it ends, with no more records than
// there are.
func (c Case) cutOff(t *testing.T) {
	for n := range c.Good {
		require.LessOrEqual(t, len(readAll(t, c.Format, c.Good[:n], options)), len(c.Records)+1, n)
	}
}

// failingSource fails at every offset: that is an error of the source and neither an
// end nor a defect.
func (c Case) failingSource(t *testing.T) {
	gone := errors.New("the disk is gone")
	for n := range c.Good {
		items, err := read(t, c.Format, broken(c.Format, c.Good, n, gone), options)
		if isFragile(c.Format) && err == nil {
			continue // it needs less than all of it
		}
		require.ErrorIs(t, err, gone, n)
		for _, item := range items {
			require.Zero(t, item.defect, n)
		}
	}
}
