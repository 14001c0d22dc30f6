package format_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/json"
	"github.com/medibloc/pdx/criteria/format/ndjson"
)

// zipped is JSON by another name.
type zipped struct{ json.Format }

func (zipped) MediaType() string    { return "application/json+gzip" }
func (zipped) Extensions() []string { return []string{".json.gz", ".gz"} }

func TestRegistry(t *testing.T) {
	files, err := format.New(json.Format{}, zipped{})
	require.NoError(t, err)
	all, err := format.New(json.Format{}, zipped{}, folder.New(files))
	require.NoError(t, err)

	for name, want := range map[string]format.Format{
		"a.json": json.Format{}, "A.JSON": json.Format{}, "b.json.gz": zipped{}, "dir/.gz": zipped{},
	} {
		f, err := all.ForFile(name)
		require.NoError(t, err)
		require.Equal(t, want, f)
	}
	for _, name := range []string{"a.csv", "json", "a.folder", "", "a.json/b"} {
		_, err := all.ForFile(name)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
		require.ErrorContains(t, err, "the name must end with .json, .json.gz or .gz")
	}
	f, err := all.Get(folder.MediaType)
	require.NoError(t, err)
	require.Equal(t, folder.New(files), f)
	byDefault, err := all.ForFolder(func(string) bool { return false })
	require.NoError(t, err)
	require.Equal(t, f, byDefault)

	_, err = all.Get("text/csv\n")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, `media type "text/csv\n" is unknown: `+
		`choose application/json, application/json+gzip or application/vnd.pdx.folder`)
	_, err = files.ForFolder(func(string) bool { return true })
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

// neither is a format of no shape.
type neither struct{ format.Format }

func TestRegistryRefuses(t *testing.T) {
	for name, formats := range map[string][]format.Format{
		"a media type twice": {json.Format{}, json.Format{}},
		"an extension twice": {json.Format{}, sameExtension{}},
		"no shape":           {neither{json.Format{}}},
	} {
		_, err := format.New(formats...)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}

type sameExtension struct{ json.Format }

func (sameExtension) MediaType() string { return "text/json" }

func TestStreamGoesForward(t *testing.T) {
	s := format.Stream(strings.NewReader("0123456789"), 10)
	read := func(n int, off int64) (string, error) {
		p := make([]byte, n)
		n, err := s.ReadAt(p, off)
		return string(p[:n]), err
	}
	got, err := read(2, 0)
	require.NoError(t, err)
	require.Equal(t, "01", got)
	got, err = read(2, 5)
	require.NoError(t, err)
	require.Equal(t, "56", got)
	_, err = read(1, 6)
	require.ErrorIs(t, err, format.ErrBackward)
	got, err = read(9, 8)
	require.ErrorContains(t, err, "EOF")
	require.Equal(t, "89", got)
}

// A preview looks into a large folder without reading all of it.
func TestPreviewOfAFolder(t *testing.T) {
	files, err := format.New(ndjson.Format{})
	require.NoError(t, err)
	src := formattest.Source(formattest.FolderOf(t, "a.ndjson", "", "b.ndjson", "\n{\"id\":1}\n", "c.ndjson", strings.Repeat("x", 1<<20)))
	record, err := format.Preview(t.Context(), folder.New(files), src, format.Options{MaxRecord: 100})
	require.NoError(t, err)
	require.Equal(t, `{"id":1}`, string(record))
}
